import type { Thread } from "../../api/types";

// The thread list's order: what cannot go on without the person, whose turn it is, what goes on, what was.

const names = ["Needs you", "Your turn", "Working", "Earlier", "Archived"] as const;

export type GroupName = (typeof names)[number];
export type ThreadGroup = { name: GroupName; threads: Thread[] };

/** Needing a person is more than being answered: an agent that ended its turn well only waits for the next one. */
export function groupOf(thread: Thread): GroupName {
  const last = thread.lastMessage;
  if (thread.status === "archived") return "Archived";
  if (thread.attention !== null) return "Needs you";
  if (thread.busy) return "Working";
  if (last?.type === "error") return "Needs you";
  if (!thread.runId) return "Earlier";
  // When its program waits for a word, nobody here knows.
  if (thread.external) return "Working";
  return last?.sender === "agent" ? "Your turn" : "Working";
}

export function groupThreads(threads: Thread[]): ThreadGroup[] {
  return names
    .map((name) => ({ name, threads: threads.filter((thread) => groupOf(thread) === name) }))
    .filter((group) => group.threads.length > 0);
}
