import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import * as calls from "../api/calls";
import { asProblem } from "../api/client";
import type { RunSummary } from "../api/types";
import { isEnded } from "../api/types";
import type { ConnectionState, Refusal } from "./connection";
import { topics } from "./page_topics";

// A project as it is now: its lists are asked for again when the stream says that they have changed.

export type LiveProject = {
  /** Its active runs; null until the stream has said. */
  runs: readonly RunSummary[] | null;
  connection: ConnectionState;
};

/** So long a burst of changes is one. */
const burstMs = 400;

/** The runs after one of them has changed; pure. */
export function withRun(runs: readonly RunSummary[], changed: RunSummary): readonly RunSummary[] {
  const others = runs.filter(({ runId }) => runId !== changed.runId);
  return isEnded(changed.status) ? others : [...others, changed];
}

/** Why a project's topic was refused: it may be gone, or the person's login over. */
export async function explainProject(client: QueryClient, projectId: string): Promise<Refusal> {
  try {
    await calls.getProject(projectId);
    return "retry";
  } catch (error) {
    const { status } = asProblem(error);
    if (status === 401) void client.invalidateQueries({ queryKey: ["me"] });
    return [401, 403, 404].includes(status) ? "stop" : "retry";
  }
}

/** Follows a project while the calling view is shown: one view of a page does, for all of it. */
export function useProject(projectId: string): LiveProject {
  const client = useQueryClient();
  const [live, setLive] = useState<LiveProject>({
    runs: null,
    connection: { phase: "stopped" },
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stale = new Set<string>();
    const refresh = (...lists: string[]) => {
      for (const list of lists) stale.add(list);
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const list of stale) void client.invalidateQueries({ queryKey: [list, projectId] });
        stale.clear();
      }, burstMs);
    };
    const following = topics.follow({
      topic: `project:${projectId}`,
      since: null,
      onEvent: ({ event, data }) => {
        if (event === "state") {
          const { runs } = data as { runs: RunSummary[] };
          setLive((before) => ({ ...before, runs }));
          refresh("threads", "runs", "unread");
        } else if (event === "run-status") {
          setLive((before) => ({ ...before, runs: withRun(before.runs ?? [], data as RunSummary) }));
          refresh("threads", "runs");
        } else if (event === "activity") refresh("threads", "unread");
        else if (event === "thread") refresh("threads");
        else if (event === "thread-deleted") refresh("threads", "runs", "unread");
        else if (event === "read") refresh("unread");
      },
      onState: (connection) => {
        setLive((before) => ({ ...before, connection }));
      },
      explain: () => explainProject(client, projectId),
    });
    return () => {
      clearTimeout(timer);
      following.stop();
    };
  }, [client, projectId]);
  return live;
}
