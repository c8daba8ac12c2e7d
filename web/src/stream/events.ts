import type { Message, StreamData } from "../api/types";

// What a run's stream says. Stored messages are unnamed events and alone carry an id; the rest is live only.

type Told = { [Name in keyof StreamData]: { type: Name } & StreamData[Name] }[keyof StreamData];

export type StreamEvent = { type: "message" | "message-updated"; message: Message } | Told;

/** The names under which a server may send something; "message" is the unnamed one. */
export const eventNames = [
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
  "ping",
] as const satisfies readonly StreamEvent["type"][];

/** Reads one event. Gives null for what this page does not know: a newer server may say more. */
export function readEvent(name: string, data: string): StreamEvent | null {
  let body: unknown = {};
  if (data !== "") {
    try {
      body = JSON.parse(data);
    } catch {
      return null;
    }
  }
  if (typeof body !== "object" || body === null) return null;
  if (name === "message" || name === "message-updated") return { type: name, message: body as Message };
  if (!(eventNames as readonly string[]).includes(name)) return null;
  return { ...body, type: name } as StreamEvent;
}
