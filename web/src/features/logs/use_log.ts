import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { StreamLog } from "../../api/types";
import { topics } from "../../stream/page_topics";
import { explainProject } from "../../stream/use_project";
import type { LogFilters } from "./filters";
import { LogFeed, type LogSnapshot } from "./log_feed";

/** A project's log, live, as these filters want it. `filters` must be the same value as long as they are the same. */
export function useLog(projectId: string, filters: LogFilters): { log: LogSnapshot; feed: LogFeed } {
  const client = useQueryClient();
  const [feed] = useState(
    () => new LogFeed(projectId, () => void client.invalidateQueries({ queryKey: ["me"] })),
  );
  useEffect(() => {
    feed.filter(filters);
  }, [feed, filters]);
  useEffect(() => {
    const following = topics.follow({
      topic: `project:${projectId}`,
      since: null,
      onEvent: ({ event, data }) => {
        if (event === "state") feed.connected();
        else if (event === "log") feed.hear((data as StreamLog).lines);
      },
      onState: () => undefined,
      explain: () => explainProject(client, projectId),
    });
    return () => {
      following.stop();
      feed.stop();
    };
  }, [feed, client, projectId]);
  return { log: useSyncExternalStore(feed.subscribe, feed.getSnapshot), feed };
}
