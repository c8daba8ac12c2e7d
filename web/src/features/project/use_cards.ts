import { useQuery } from "@tanstack/react-query";
import { use } from "react";
import { queries } from "../../api/queries";
import { useTeam } from "../../api/team";
import { cardsOf } from "./cards";
import { LiveRuns } from "./live_runs";

/** The team in a project, as its lists and its stream tell; `ready` once every list is here. */
export function useCards(projectId: string) {
  const agents = useQuery(queries.agents());
  const runs = useQuery(queries.runs(projectId));
  const threads = useQuery(queries.threads(projectId, true));
  const team = useTeam();
  const live = use(LiveRuns);
  const runItems = runs.data?.items ?? [];
  const threadItems = threads.data?.items ?? [];
  return {
    cards: cardsOf(team, runItems, threadItems, live),
    team,
    runs: runItems,
    threads: threadItems,
    ready: agents.data !== undefined && runs.data !== undefined && threads.data !== undefined,
    failed: agents.error ?? runs.error ?? threads.error,
    retry: () => {
      for (const query of [agents, runs, threads]) void query.refetch();
    },
  };
}
