import { useQuery } from "@tanstack/react-query";
import { queries } from "./queries";
import type { Agent, Role } from "./types";

// Who is on the team, by name.

const roles: Role[] = ["architect", "coder", "reviewer", "tester"];

/** In the order of their work. */
export function useTeam(): Agent[] {
  const { data } = useQuery(queries.agents());
  return [...(data?.items ?? [])].sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
}

export type Teammate = { name: string; displayName: string; role: Role };

/** One of the team by name; before the list is here the name alone must do. */
export function teammateOf(team: readonly Teammate[], name: string): Teammate {
  const known = team.find((candidate) => candidate.name === name);
  return known ?? { name, displayName: name.charAt(0).toUpperCase() + name.slice(1), role: "coder" };
}

export function useAgent(name: string): Teammate {
  return teammateOf(useTeam(), name);
}
