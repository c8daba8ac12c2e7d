import type { Thread } from "../../api/types";

// The thread list's order: what waits for the person, what goes on, what was.

export type ThreadGroup = { name: "Needs you" | "Working" | "Earlier" | "Archived"; threads: Thread[] };

/** A session that waits for the person's answer, a question, a failure: the next move is theirs. */
export function needsYou(thread: Thread): boolean {
  if (thread.attention) return true;
  if (thread.busy) return false;
  const last = thread.lastMessage;
  if (last?.type === "error") return true;
  return Boolean(thread.runId) && last?.sender === "agent";
}

function nameOf(thread: Thread): ThreadGroup["name"] {
  if (thread.status === "archived") return "Archived";
  if (needsYou(thread)) return "Needs you";
  return thread.busy || thread.runId ? "Working" : "Earlier";
}

export function groupThreads(threads: Thread[]): ThreadGroup[] {
  const names: ThreadGroup["name"][] = ["Needs you", "Working", "Earlier", "Archived"];
  return names
    .map((name) => ({ name, threads: threads.filter((thread) => nameOf(thread) === name) }))
    .filter((group) => group.threads.length > 0);
}
