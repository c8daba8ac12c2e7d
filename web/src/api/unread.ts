import { useQuery } from "@tanstack/react-query";
import { queries } from "./queries";

/** How much of each thread of a project the person has not read; a thread of which everything is read is not in it. */
export function useUnread(projectId: string): ReadonlyMap<string, number> {
  const { data } = useQuery(queries.unread(projectId));
  return new Map(data?.items.map(({ threadId, count }) => [threadId, count]));
}
