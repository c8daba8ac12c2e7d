import type { QueryClient } from "@tanstack/react-query";
import { queries } from "../api/queries";

/** Asks at once for what an address will need, instead of one after the other as the views appear. */
export function prefetch(client: QueryClient, pathname: string): void {
  void client.prefetchQuery(queries.me());
  void client.prefetchQuery(queries.agents());
  void client.prefetchQuery(queries.doctor());
  const projectId = /^\/projects\/([^/]+)/.exec(pathname)?.[1];
  if (projectId === undefined) {
    void client.prefetchQuery(queries.projects());
    return;
  }
  const id = decodeURIComponent(projectId);
  void client.prefetchQuery(queries.project(id));
  void client.prefetchQuery(queries.threads(id, true));
  void import("../features/conversation");
}
