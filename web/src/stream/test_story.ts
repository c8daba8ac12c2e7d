import type { Message, StreamData } from "../api/types";
import { emptyConversation, reduce, type Action, type Conversation } from "./conversation";
import type { StreamEvent } from "./events";

// A conversation as tests tell it: its messages and events in short, played on the reducer.

export function stamp(second: number): string {
  return `2026-01-31T09:05:${String(second).padStart(2, "0")}.000000Z`;
}

export function message(id: string, second: number, more: Partial<Message> = {}): Message {
  return {
    id,
    runId: "run",
    projectId: "project",
    featureId: null,
    threadId: "thread",
    sender: "agent",
    role: "coder",
    type: "message",
    content: `content of ${id}`,
    timestamp: stamp(second),
    ...more,
  };
}

export const person = (id: string, second: number, more: Partial<Message> = {}) =>
  message(id, second, { sender: "user", role: null, ...more });

export function play(state: Conversation, ...events: StreamEvent[]): Conversation {
  return events.reduce((before, event) => reduce(before, { type: "event", event }), state);
}

export function act(state: Conversation, ...actions: Action[]): Conversation {
  return actions.reduce(reduce, state);
}

export const running = act(emptyConversation, {
  type: "run",
  run: { id: "run", status: "coding", busy: true, attention: null, external: false },
});

export const stateOf = (more: Partial<StreamData["state"]> = {}): StreamEvent => ({
  type: "state",
  status: "coding",
  busy: true,
  external: false,
  attention: null,
  undelivered: [],
  permissions: [],
  changed: [],
  session: null,
  ...more,
});
