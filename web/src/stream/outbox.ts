import type { Outgoing } from "./conversation";

// What a person has sent and the server has not confirmed, kept in the browser so that no reload loses it.

const keyOf = (threadId: string) => `omakase.outbox.${threadId}`;

type Kept = Pick<Outgoing, "id" | "content" | "attachments" | "at" | "urgency">;

export function readOutbox(threadId: string): Kept[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(threadId)) ?? "[]");
    if (!Array.isArray(kept)) return [];
    // What was kept before messages had attachments has none.
    return (kept as (Omit<Kept, "attachments"> & Partial<Kept>)[]).map((one) => ({
      attachments: [],
      ...one,
    }));
  } catch {
    return [];
  }
}

function write(threadId: string, kept: Kept[]): void {
  if (kept.length === 0) localStorage.removeItem(keyOf(threadId));
  else localStorage.setItem(keyOf(threadId), JSON.stringify(kept));
}

export function keep(threadId: string, { id, content, attachments, at, urgency }: Kept): void {
  const others = readOutbox(threadId).filter((other) => other.id !== id);
  write(threadId, [...others, { id, content, attachments, at, urgency }]);
}

export function forget(threadId: string, id: string): void {
  write(
    threadId,
    readOutbox(threadId).filter((other) => other.id !== id),
  );
}
