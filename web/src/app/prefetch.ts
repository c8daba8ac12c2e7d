import type { QueryClient } from "@tanstack/react-query";
import { queries } from "../api/queries";
import type { Me } from "../api/types";
import { formatter } from "../ui/markdown";

/** Asks at once for what an address will need, instead of one after the other as the views appear. */
export function prefetch(client: QueryClient, pathname: string): void {
  const [, projectId, part, name] = /^\/projects\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/.exec(pathname) ?? [];
  const inThreads = part === "threads";
  // The browser fetches in this order where it cannot fetch all at once: first what the first paint shows.
  if (inThreads) void import("../features/conversation").then(formatter.fetchPart);
  else if (projectId !== undefined) void import("./room");
  const me = client.fetchQuery(queries.me());
  me.catch(() => undefined);
  void client.prefetchQuery(queries.agents());
  if (projectId === undefined) {
    if (pathname !== "/settings") void client.prefetchQuery(queries.projects());
    // Who is refused an answer here is told so by the page itself.
    const doctor = ({ role }: Me) => (role === "admin" ? client.prefetchQuery(queries.doctor()) : undefined);
    me.then(doctor).catch(() => undefined);
    return;
  }
  const id = decodeURIComponent(projectId);
  void client.prefetchQuery(queries.project(id));
  if (part === "settings") return;
  if (inThreads && name !== undefined) void client.prefetchQuery(queries.history(decodeURIComponent(name)));
  if (part === "agents" && name !== undefined) prefetchAgent(client, id, decodeURIComponent(name));
  void client.prefetchQuery(queries.threads(id, true));
  if (!inThreads) void client.prefetchQuery(queries.runs(id));
}

function prefetchAgent(client: QueryClient, projectId: string, agentName: string): void {
  void client.prefetchQuery(queries.agentTotals(projectId, agentName));
  void client.prefetchQuery(queries.personality(agentName));
  void client.prefetchQuery(queries.memories(projectId, agentName));
  void client.prefetchInfiniteQuery(queries.agentRuns(projectId, agentName));
}
