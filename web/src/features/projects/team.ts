import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { Role } from "../../api/types";

export type Names = (name: string) => { displayName: string; role: Role };

/** Who an agent's name stands for. */
export function useTeam(): Names {
  const { data } = useQuery(queries.agents());
  return (name) =>
    data?.items.find((agent) => agent.name === name) ?? {
      displayName: name.charAt(0).toUpperCase() + name.slice(1),
      role: "coder",
    };
}
