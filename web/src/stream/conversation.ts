import type {
  Attachment,
  Attention,
  Message,
  Permission,
  RunStatus,
  StreamSession,
  ToolUse,
} from "../api/types";
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

/** When a message is to reach an agent that works: at its next step, when its turn is over, or at once. */
export type Urgency = "next" | "hold" | "now";

/** A person's message that the server has not confirmed yet. */
export type Outgoing = {
  id: string;
  content: string;
  attachments: readonly Attachment[];
  urgency: Urgency;
  /** When it was written, as milliseconds since 1970. */
  at: number;
  failure: Failure | null;
};
export type Failure = { message: string; code: string; threadId?: string };

export type LiveRun = {
  id: string;
  status: RunStatus;
  busy: boolean;
  attention: Attention;
  /** A program outside the server carries it out. */
  external: boolean;
};

export type Conversation = {
  messages: readonly Message[];
  previews: readonly Preview[];
  outbox: readonly Outgoing[];
  run: LiveRun | null;
  /** Person's messages that the active run's agent has not taken yet, in the order in which it will. */
  undelivered: readonly string[];
  /** What the active run asks a person now, oldest first. */
  permissions: readonly Permission[];
  /** How what was asked has ended, by the tool use that it was about. */
  consents: Readonly<Record<string, Permission>>;
  /** What the work session is like: its mode, context, cost. Stays as it was last when the run has ended. */
  session: StreamSession | null;
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
  | { type: "consents"; permissions: readonly Permission[] }
  | { type: "order"; ids: readonly string[] }
  | { type: "event"; event: StreamEvent };

export const emptyConversation: Conversation = {
  messages: [],
  previews: [],
  outbox: [],
  run: null,
  undelivered: [],
  permissions: [],
  consents: {},
  session: null,
  setupOutput: {},
};

const setupOutputLimit = 64 * 1024;

/**
 * Of two versions of a message the later one. What the agent has taken and what was withdrawn stays so: the answer to a request may come
 * after the stream has told more.
 */
function later(known: Message | undefined, message: Message): Message {
  const settled = known?.deliveredAt ?? known?.withdrawnAt;
  return known && settled && !message.deliveredAt && !message.withdrawnAt ? known : message;
}

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
    const known = messages[same];
    if (known?.id === message.id) return messages.with(same, later(known, message));
  }
  return messages.toSpliced(low, 0, message);
}

function merge(messages: readonly Message[], more: Message[]): readonly Message[] {
  if (more.length === 0) return messages;
  if (messages.length === 0) return more;
  const byId = new Map(messages.map((message) => [message.id, message]));
  for (const message of more) byId.set(message.id, later(byId.get(message.id), message));
  return [...byId.values()].sort((a, b) =>
    a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0,
  );
}

function isWaiting(message: Message): boolean {
  return (
    message.sender === "user" && message.type === "message" && !message.deliveredAt && !message.withdrawnAt
  );
}

function withMember(ids: readonly string[], id: string, member: boolean): readonly string[] {
  if (ids.includes(id) === member) return ids;
  return member ? [...ids, id] : ids.filter((other) => other !== id);
}

function stored(state: Conversation, told: Message): Conversation {
  const messages = insert(state.messages, told);
  const message = messages.find(({ id }) => id === told.id) ?? told;
  return {
    ...state,
    messages,
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
    undelivered: [],
    permissions: [],
    session: state.session && { ...state.session, silence: null },
  };
}

/** The truth about what has no id: who is busy, what waits for whom, and what was changed after it was stored. */
function corrected(state: Conversation, event: Extract<StreamEvent, { type: "state" }>): Conversation {
  if (isEnded(event.status)) return ended(state, event.status);
  const { status, busy, attention, external, undelivered, permissions } = event;
  const changed = new Map(event.changed.map((message) => [message.id, message]));
  return {
    ...state,
    run: state.run && { ...state.run, status, busy, attention, external },
    undelivered,
    permissions,
    session: event.session ?? state.session,
    messages:
      changed.size === 0
        ? state.messages
        : state.messages.map((message) => changed.get(message.id) ?? message),
    // Marked only by a reconnect: a state in mid-stream takes no words away.
    previews: state.previews.filter((preview) => !preview.stale),
  };
}

function asked(state: Conversation, permission: Permission): Conversation {
  const others = state.permissions.filter(({ requestId }) => requestId !== permission.requestId);
  return { ...state, permissions: [...others, permission] };
}

function resolved(state: Conversation, permission: Permission): Conversation {
  return {
    ...state,
    permissions: state.permissions.filter(({ requestId }) => requestId !== permission.requestId),
    consents: { ...state.consents, [permission.toolUseId]: permission },
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
    case "run-status": {
      const { status, busy, attention, external } = event;
      return state.run ? { ...state, run: { ...state.run, status, busy, attention, external } } : state;
    }
    case "session": {
      const { type, ...session } = event;
      return { ...state, session };
    }
    case "permission-request": {
      const { type, ...permission } = event;
      return asked(state, permission);
    }
    case "permission-resolved": {
      const { type, ...permission } = event;
      return resolved(state, permission);
    }
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
      return { ...state, messages: [], previews: [] };
    case "close":
      return ended(state, event.status);
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
      return {
        ...state,
        run: action.run,
        previews: [],
        undelivered: [],
        permissions: [],
        session: null,
        setupOutput: {},
      };
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
    case "consents": {
      const ended = action.permissions.filter(({ status }) => status !== "pending");
      const earlier = Object.fromEntries(ended.map((permission) => [permission.toolUseId, permission]));
      return { ...state, consents: { ...earlier, ...state.consents } };
    }
    case "order":
      return { ...state, undelivered: action.ids };
    case "event":
      return apply(state, action.event);
  }
}

/** The last timestamp of a run that is known: where its stream goes on. */
export function cursorOf(state: Conversation, runId: string): string | null {
  return state.messages.findLast((message) => message.runId === runId)?.timestamp ?? null;
}
