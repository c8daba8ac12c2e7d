import type { Attachment, Author, Message, Permission, Role, Setup, ToolUse } from "../../api/types";
import { isEnded } from "../../api/types";
import type { Conversation, Outgoing } from "../../stream/conversation";
import { isAgentText, isPerson, trayOf } from "./waiting";

// From a conversation to what stands under what on the screen. Pure.

export type Receipt = "sending" | "failed" | "waiting" | "seen" | "unread";

export type SetupRun = { runId: string; steps: Setup[] };

export type PersonRow = {
  kind: "person";
  key: string;
  id: string;
  content: string;
  attachments: readonly Attachment[];
  /** Who wrote it; null while it is on its way, and of what nobody knows any more. */
  author: Author | null;
  at: string;
  receipt: Receipt;
  outgoing: Outgoing | null;
};
export type TextRow = {
  kind: "text";
  key: string;
  first: boolean;
  role: Role | null;
  content: string;
  at: string;
  writing: boolean;
};
export type ToolsRow = {
  kind: "tools";
  key: string;
  first: boolean;
  role: Role | null;
  at: string;
  tools: ToolUse[];
};
/** What the agent asks now: it stands last, where the turn goes on from. */
export type PermissionRow = {
  kind: "permission";
  key: string;
  first: boolean;
  role: Role | null;
  requests: readonly Permission[];
};
export type Row =
  | { kind: "day"; key: string; at: string }
  | { kind: "setup"; key: string; run: SetupRun }
  | PersonRow
  | TextRow
  | ToolsRow
  | PermissionRow
  | { kind: "status"; key: string; content: string; at: string }
  | { kind: "error"; key: string; content: string; at: string }
  | { kind: "typing"; key: string; first: boolean; role: Role | null };

/** A person's message that passed the agent's words on its way stands where the agent took it. */
function inReadingOrder(messages: readonly Message[]): readonly Message[] {
  const moved = new Map<string, string>();
  messages.forEach((message, index) => {
    const { deliveredAt } = message;
    if (!isPerson(message) || !deliveredAt) return;
    for (let next = index + 1; next < messages.length; next++) {
      const later = messages[next];
      if (!later || later.timestamp > deliveredAt) return;
      if (isAgentText(later)) {
        moved.set(message.id, deliveredAt);
        return;
      }
    }
  });
  if (moved.size === 0) return messages;
  const placeOf = (message: Message) => moved.get(message.id) ?? message.timestamp;
  return [...messages].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : 0));
}

/** The steps of each run's set-up, each as it stands last. */
function setupRuns(messages: readonly Message[]): Map<string, SetupRun> {
  const runs = new Map<string, SetupRun>();
  for (const { runId, setup } of messages) {
    if (!setup) continue;
    const run = runs.get(runId) ?? { runId, steps: [] };
    const index = run.steps.findIndex((step) => step.step === setup.step);
    if (index < 0) run.steps.push(setup);
    else run.steps[index] = setup;
    runs.set(runId, run);
  }
  return runs;
}

function receiptOf(message: Message, { run, undelivered }: Conversation): Receipt {
  if (message.deliveredAt) return "seen";
  if (undelivered.includes(message.id)) return "waiting";
  return run?.id === message.runId && !isEnded(run.status) ? "seen" : "unread";
}

function dayOf(at: string): string {
  return new Date(at).toDateString();
}

function isAgents(row: Row | undefined): boolean {
  return row?.kind === "text" || row?.kind === "tools";
}

class Rows {
  constructor(
    readonly rows: Row[],
    private day: string | null,
    /** Tool uses that a card stands for. */
    private readonly asked: ReadonlySet<string>,
  ) {}

  startDay(at: string): void {
    if (this.day === dayOf(at)) return;
    this.day = dayOf(at);
    this.rows.push({ kind: "day", key: `day:${this.day}`, at });
  }

  /** One step of an agent: what it said, then what it used; uses of silent steps gather in one stack. */
  addStep(step: {
    id: string;
    role: Role | null;
    content: string;
    tools: ToolUse[];
    at: string;
    writing: boolean;
  }): void {
    const { id, role, content, at, writing } = step;
    const tools = step.tools.filter((tool) => !this.asked.has(tool.toolUseId));
    if (content !== "") {
      const first = !isAgents(this.rows.at(-1));
      this.rows.push({ kind: "text", key: id, first, role, content, at, writing });
    }
    if (tools.length === 0) return;
    const last = this.rows.at(-1);
    if (last?.kind === "tools")
      this.rows[this.rows.length - 1] = { ...last, tools: [...last.tools, ...tools] };
    else this.rows.push({ kind: "tools", key: `${id}:tools`, first: !isAgents(last), role, at, tools });
  }

  addMessage(message: Message, conversation: Conversation): void {
    const { id, content, timestamp: at } = message;
    if (message.type === "error") this.rows.push({ kind: "error", key: id, content, at });
    else if (message.setup) return;
    else if (message.type === "status") this.rows.push({ kind: "status", key: id, content, at });
    else if (message.sender === "user") {
      const receipt = receiptOf(message, conversation);
      const { attachments = [], author = null } = message;
      this.rows.push({
        kind: "person",
        key: id,
        id,
        content,
        attachments,
        author,
        at,
        receipt,
        outgoing: null,
      });
    } else {
      this.addStep({ id, role: message.role, content, tools: message.toolUses ?? [], at, writing: false });
    }
  }
}

function askedTools({ permissions }: Conversation): ReadonlySet<string> {
  return new Set(permissions.map(({ toolUseId }) => toolUseId));
}

/** The stored part: it changes with messages only, not with every word that is being written. */
export function storedRows(conversation: Conversation): Row[] {
  const builder = new Rows([], null, askedTools(conversation));
  const setups = setupRuns(conversation.messages);
  const tray = trayOf(conversation);
  for (const message of inReadingOrder(conversation.messages)) {
    const setup = setups.get(message.runId);
    if (setup) {
      builder.rows.push({ kind: "setup", key: `setup:${message.runId}`, run: setup });
      setups.delete(message.runId);
    }
    if (tray.includes(message.id) || message.withdrawnAt) continue;
    if (!message.setup || message.type === "error") builder.startDay(message.timestamp);
    builder.addMessage(message, conversation);
  }
  return builder.rows;
}

function isPreparing(stored: Row[], runId: string): boolean {
  const row = stored.findLast((candidate) => candidate.kind === "setup" && candidate.run.runId === runId);
  return row?.kind === "setup" && setupState(row.run) === "running";
}

/** The stored rows and what is only live: words being written, the typing sign, what is on its way. */
export function withLive(stored: Row[], conversation: Conversation, now: string): Row[] {
  const { run, previews, outbox, permissions } = conversation;
  const lastDay = stored.findLast((row) => row.kind === "day");
  const builder = new Rows([...stored], lastDay ? dayOf(lastDay.at) : null, askedTools(conversation));
  for (const preview of previews) {
    const writing = !preview.complete && preview.toolUses.length === 0;
    const { id, role, content, toolUses: tools } = preview;
    builder.addStep({ id, role, content, tools, at: now, writing });
  }
  const writes = previews.some((preview) => !preview.complete && preview.content !== "");
  const last = builder.rows.at(-1);
  const uses = last?.kind === "tools" && last.tools.some((tool) => tool.status === "running");
  if (permissions.length > 0) {
    const first = !isAgents(last);
    builder.rows.push({ kind: "permission", key: "permission", first, role: null, requests: permissions });
  } else if (run?.busy && !writes && !uses && !isPreparing(stored, run.id)) {
    builder.rows.push({ kind: "typing", key: "typing", first: !isAgents(last), role: null });
  }
  const queued = trayOf(conversation).length > 0 || run?.busy === true;
  for (const outgoing of outbox) {
    if (queued && !outgoing.failure) continue;
    const at = new Date(outgoing.at).toISOString();
    builder.startDay(at);
    builder.rows.push({
      kind: "person",
      key: outgoing.id,
      id: outgoing.id,
      content: outgoing.content,
      attachments: outgoing.attachments,
      author: null,
      at,
      receipt: outgoing.failure ? "failed" : "sending",
      outgoing,
    });
  }
  return builder.rows;
}

export function setupState(run: SetupRun): "running" | "done" | "failed" {
  if (run.steps.some((step) => step.state === "failed")) return "failed";
  const ready = run.steps.find((step) => step.step === "ready");
  return ready && ready.state !== "running" ? "done" : "running";
}
