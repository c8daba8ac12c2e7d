import type { Message, StreamData } from "../api/types";

// What the stream says of a conversation. Stored messages alone are replayed; the rest is live only.

type Told = { [Name in keyof StreamData]: { type: Name } & StreamData[Name] }[keyof StreamData];

export type StreamEvent = { type: "message" | "message-updated"; message: Message } | Told;

const known: ReadonlySet<string> = new Set([
  "message",
  "message-updated",
  "state",
  "run-status",
  "session",
  "permission-request",
  "permission-resolved",
  "message-start",
  "content-delta",
  "tool-use",
  "tool-result",
  "message-complete",
  "message-error",
  "setup-output",
  "reset",
  "close",
] satisfies StreamEvent["type"][]);

/** One event of one topic, as the stream of several has it. */
export type TopicEvent = { topic: string; runId: string | null; event: string; data: unknown };

/** Reads what a stream of several topics says. Null for what is no such event. */
export function readTopicEvent(text: string): TopicEvent | null {
  try {
    const { topic, runId, event, data } = JSON.parse(text) as Partial<Record<keyof TopicEvent, unknown>>;
    if (typeof topic !== "string" || typeof event !== "string") return null;
    return { topic, runId: typeof runId === "string" ? runId : null, event, data };
  } catch {
    return null;
  }
}

/** An event of a conversation. Null for what this page does not know: a newer server may say more. */
export function readEvent({ event, data }: Pick<TopicEvent, "event" | "data">): StreamEvent | null {
  if (!known.has(event) || typeof data !== "object" || data === null) return null;
  if (event === "message" || event === "message-updated") return { type: event, message: data as Message };
  return { ...data, type: event } as StreamEvent;
}
