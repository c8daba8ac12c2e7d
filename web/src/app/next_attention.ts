import type { QueryClient } from "@tanstack/react-query";
import { queries } from "../api/queries";
import type { Thread } from "../api/types";

/** The next thread of any project that needs a person, after the one that is open; null when there is no other. */
export async function nextAttention(client: QueryClient, openThreadId?: string): Promise<Thread | null> {
  const projects = await client.fetchQuery(queries.projects());
  const waiting = projects.items.filter((project) => project.attention !== null && !project.archivedAt);
  const pages = await Promise.all(
    waiting.map((project) => client.fetchQuery(queries.threads(project.id, true))),
  );
  const threads = pages
    .flatMap(({ items }) => items)
    .filter((thread) => thread.attention !== null && thread.status === "active");
  const at = threads.findIndex(({ threadId }) => threadId === openThreadId);
  const next = threads[(at + 1) % Math.max(1, threads.length)];
  return next && next.threadId !== openThreadId ? next : null;
}
