import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { Agent, Role } from "../../api/types";

// Who is on the team, by name.

const roles: Role[] = ["architect", "coder", "reviewer", "tester"];

export function useTeam(): Agent[] {
  const { data } = useQuery(queries.agents());
  return [...(data?.items ?? [])].sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
}

export type Teammate = { name: string; displayName: string; role: Role };

/** An agent by name; before the list is here its name alone must do. */
export function useAgent(name: string): Teammate {
  const agent = useTeam().find((candidate) => candidate.name === name);
  return agent ?? { name, displayName: name.charAt(0).toUpperCase() + name.slice(1), role: "coder" };
}
