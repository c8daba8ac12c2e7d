import type { Message, RunStatus, ToolUse } from "../api/types";
import { isEnded } from "../api/types";
import type { StreamEvent } from "./events";

// What is known of one thread's conversation, and the pure step from one event to the next. Stored messages
// are the record; a preview is what the agent is still writing, and gives way to the stored message of its id.

export type Preview = {
  id: string;
  role: Message["role"];
  /** The text so far; the stream's offsets count its UTF-16 code units, as a string's length does. */
  content: string;
  toolUses: ToolUse[];
  complete: boolean;
  /** From before the connection was lost: dropped unless the server speaks of it again. */
  stale: boolean;
};

/** A person's message that the server has not confirmed yet. */
export type Outgoing = {
  id: string;
  content: string;
  /** When it was written, as milliseconds since 1970. */
  at: number;
  failure: Failure | null;
};
export type Failure = { message: string; code: string; threadId?: string };

export type LiveRun = { id: string; status: RunStatus; busy: boolean };

export type Conversation = {
  messages: readonly Message[];
  previews: readonly Preview[];
  outbox: readonly Outgoing[];
  run: LiveRun | null;
  /** Person's messages that the active run's agent has not taken yet. */
  undelivered: ReadonlySet<string>;
  /** Raw output of the set-up's steps, as it comes. */
  setupOutput: Readonly<Record<string, string>>;
};

export type Action =
  | { type: "history"; messages: Message[] }
  | { type: "run"; run: LiveRun | null }
  | { type: "reconnecting" }
  | { type: "send"; outgoing: Outgoing }
  | { type: "send-failed"; id: string; failure: Failure }
  | { type: "discard"; id: string }
  | { type: "event"; event: StreamEvent };

export const emptyConversation: Conversation = {
  messages: [],
  previews: [],
  outbox: [],
  run: null,
  undelivered: new Set(),
  setupOutput: {},
};

const setupOutputLimit = 64 * 1024;

/** Puts a message in its place by time, over an older version of itself. */
function insert(messages: readonly Message[], message: Message): readonly Message[] {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = messages[middle];
    if (at && at.timestamp < message.timestamp) low = middle + 1;
    else high = middle;
  }
  // Two runs may share a timestamp, one message never has two.
  for (let same = low; messages[same]?.timestamp === message.timestamp; same++) {
    if (messages[same]?.id === message.id) return messages.with(same, message);
  }
  return messages.toSpliced(low, 0, message);
}

function merge(messages: readonly Message[], more: Message[]): readonly Message[] {
  if (more.length === 0) return messages;
  if (messages.length === 0) return more;
  const byId = new Map(messages.map((message) => [message.id, message]));
  for (const message of more) byId.set(message.id, message);
  return [...byId.values()].sort((a, b) =>
    a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0,
  );
}

function isWaiting(message: Message): boolean {
  return message.sender === "user" && message.type === "message" && !message.deliveredAt;
}

function withMember(set: ReadonlySet<string>, id: string, member: boolean): ReadonlySet<string> {
  if (set.has(id) === member) return set;
  const next = new Set(set);
  if (member) next.add(id);
  else next.delete(id);
  return next;
}

function stored(state: Conversation, message: Message): Conversation {
  return {
    ...state,
    messages: insert(state.messages, message),
    previews: state.previews.filter((preview) => preview.id !== message.id),
    outbox: state.outbox.filter((outgoing) => outgoing.id !== message.id),
    undelivered: withMember(state.undelivered, message.id, isWaiting(message)),
  };
}

/** An update of a message from before what is loaded would tear a hole in the history: it waits to be loaded. */
function updated(state: Conversation, message: Message): Conversation {
  const first = state.messages[0];
  if (first && message.timestamp < first.timestamp) return state;
  return stored(state, message);
}

function changePreview(state: Conversation, id: string, change: (preview: Preview) => Preview): Conversation {
  const index = state.previews.findIndex((preview) => preview.id === id);
  const preview = state.previews[index];
  if (preview) return { ...state, previews: state.previews.with(index, change(preview)) };
  if (state.messages.some((message) => message.id === id)) return state;
  const fresh: Preview = {
    id,
    role: null,
    content: "",
    toolUses: [],
    complete: false,
    stale: false,
  };
  return { ...state, previews: [...state.previews, change(fresh)] };
}

/** Adds text at its offset. A repeated part is taken once; behind a gap nothing is shown until the text is whole. */
function addText(preview: Preview, offset: number, delta: string): Preview {
  const { content } = preview;
  if (offset === 0) return { ...preview, content: delta, stale: false };
  if (offset > content.length || offset + delta.length <= content.length) return preview;
  return { ...preview, content: content + delta.slice(content.length - offset) };
}

function addTool(tools: ToolUse[], tool: ToolUse): ToolUse[] {
  const index = tools.findIndex((other) => other.toolUseId === tool.toolUseId);
  return index < 0 ? [...tools, tool] : tools.with(index, { ...tools[index], ...tool });
}

/** Changes the tool uses of a message, whether it is still being written or stored already. */
function changeTools(state: Conversation, id: string, change: (tools: ToolUse[]) => ToolUse[]): Conversation {
  const index = state.messages.findLastIndex((message) => message.id === id);
  const message = state.messages[index];
  if (!message) {
    return changePreview(state, id, (preview) => ({ ...preview, toolUses: change(preview.toolUses) }));
  }
  const next = { ...message, toolUses: change(message.toolUses ?? []) };
  return { ...state, messages: state.messages.with(index, next) };
}

function addSetupOutput(state: Conversation, step: string, text: string): Conversation {
  const output = ((state.setupOutput[step] ?? "") + text).slice(-setupOutputLimit);
  return { ...state, setupOutput: { ...state.setupOutput, [step]: output } };
}

function ended(state: Conversation, status: RunStatus): Conversation {
  return {
    ...state,
    run: state.run && { ...state.run, status, busy: false },
    previews: [],
    undelivered: new Set(),
  };
}

/** The truth about what has no id: who is busy, and which messages the agent has not taken. */
function corrected(state: Conversation, event: Extract<StreamEvent, { type: "state" }>): Conversation {
  if (isEnded(event.status)) return ended(state, event.status);
  return {
    ...state,
    run: state.run && { ...state.run, status: event.status, busy: event.busy },
    undelivered: new Set(event.undelivered),
    // Marked only by a reconnect: a state in mid-stream takes no words away.
    previews: state.previews.filter((preview) => !preview.stale),
  };
}

function apply(state: Conversation, event: StreamEvent): Conversation {
  switch (event.type) {
    case "message":
      return stored(state, event.message);
    case "message-updated":
      return updated(state, event.message);
    case "state":
      return corrected(state, event);
    case "run-status":
      return state.run ? { ...state, run: { ...state.run, status: event.status, busy: event.busy } } : state;
    case "message-start":
      return changePreview(state, event.messageId, (preview) => ({
        ...preview,
        role: event.role,
        complete: false,
        stale: false,
      }));
    case "content-delta":
      return changePreview(state, event.messageId, (preview) => addText(preview, event.offset, event.delta));
    case "tool-use": {
      const { type, messageId, ...use } = event;
      return changeTools(state, messageId, (tools) => addTool(tools, use));
    }
    case "tool-result": {
      const { type, messageId, ...end } = event;
      return changeTools(state, messageId, (tools) =>
        tools.map((tool) => (tool.toolUseId === end.toolUseId ? { ...tool, ...end } : tool)),
      );
    }
    case "message-complete":
      return changePreview(state, event.messageId, (preview) => ({ ...preview, complete: true }));
    case "message-error":
      return { ...state, previews: state.previews.filter((preview) => preview.id !== event.messageId) };
    case "setup-output":
      return addSetupOutput(state, event.step, event.text);
    case "reset":
      return {
        ...state,
        messages: state.messages.filter((message) => message.runId !== state.run?.id),
        previews: [],
      };
    case "close":
      return ended(state, event.status);
    case "ping":
      return state;
  }
}

export function reduce(state: Conversation, action: Action): Conversation {
  switch (action.type) {
    case "history": {
      const ids = new Set(action.messages.map((message) => message.id));
      return {
        ...state,
        messages: merge(state.messages, action.messages),
        previews: state.previews.filter((preview) => !ids.has(preview.id)),
        outbox: state.outbox.filter((outgoing) => !ids.has(outgoing.id)),
      };
    }
    case "run":
      if (action.run?.id === state.run?.id) return state;
      return { ...state, run: action.run, previews: [], undelivered: new Set(), setupOutput: {} };
    case "reconnecting":
      return { ...state, previews: state.previews.map((preview) => ({ ...preview, stale: true })) };
    case "send":
      return {
        ...state,
        outbox: [...state.outbox.filter((other) => other.id !== action.outgoing.id), action.outgoing],
      };
    case "send-failed":
      return {
        ...state,
        outbox: state.outbox.map((outgoing) =>
          outgoing.id === action.id ? { ...outgoing, failure: action.failure } : outgoing,
        ),
      };
    case "discard":
      return { ...state, outbox: state.outbox.filter((outgoing) => outgoing.id !== action.id) };
    case "event":
      return apply(state, action.event);
  }
}

/** The last timestamp of a run that is known: where its stream goes on. */
export function cursorOf(state: Conversation, runId: string): string | null {
  return state.messages.findLast((message) => message.runId === runId)?.timestamp ?? null;
}
