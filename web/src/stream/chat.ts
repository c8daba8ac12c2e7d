import { ulid } from "ulid";
import * as calls from "../api/calls";
import { asProblem, type Problem } from "../api/client";
import { isEnded, type Attachment, type Message } from "../api/types";
import type { ConnectionState, Refusal } from "./connection";
import {
  emptyConversation,
  reduce,
  type Action,
  type Conversation,
  type LiveRun,
  type Outgoing,
  type Urgency,
} from "./conversation";
import { readEvent, type StreamEvent, type TopicEvent } from "./events";
import { forget, keep, readOutbox } from "./outbox";
import { topics } from "./page_topics";
import type { Following } from "./topics";

// One open thread: its history, what its runs say from there on and what the person sends, behind one snapshot that a
// view subscribes to. start() loads and follows, stop() lets go; what is unsent stays in the browser.

export type ChatSnapshot = {
  conversation: Conversation;
  connection: ConnectionState;
  history: "loading" | "ready" | "failed";
  problem: Problem | null;
  /** Whether there are messages before the first one that is loaded. */
  hasEarlier: boolean;
};

/** A message kept in the browser and younger than this was cut off by a reload: it is sent again, under its id. */
const cutOffMs = 60_000;

/** For going far back. */
const longPageSize = 1000;

function failureOf(error: unknown) {
  const problem = asProblem(error);
  const threadId = problem.fields.threadId;
  return {
    message: problem.message,
    code: problem.code,
    ...(typeof threadId === "string" ? { threadId } : {}),
  };
}

export class Chat {
  private state: Conversation = emptyConversation;
  private snapshot: ChatSnapshot = {
    conversation: emptyConversation,
    connection: { phase: "stopped" },
    history: "loading",
    problem: null,
    hasEarlier: false,
  };
  private readonly listeners = new Set<() => void>();
  private following: Following | null = null;
  private sending: Promise<void> = Promise.resolve();
  private readonly pastRuns = new Set<string>();
  /** Runs whose answered requests have been asked for. */
  private readonly consentsOf = new Set<string>();
  private frame: ReturnType<typeof setTimeout> | undefined;
  private loadingEarlier = false;
  private stopped = false;

  constructor(
    readonly threadId: string,
    private readonly onUnauthorized: () => void,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): ChatSnapshot => this.snapshot;

  /** `history` is the end of the thread's messages, if it has been asked for already. */
  async start(history?: Promise<Message[]>): Promise<void> {
    this.stopped = false;
    await this.loadNewest(history);
    this.sendCutOff();
  }

  stop(): void {
    this.stopped = true;
    this.following?.stop();
    this.following = null;
    clearTimeout(this.frame);
    this.frame = undefined;
  }

  /** Loads the end of the history; also after an absence, when the thread went on without this page. */
  async loadNewest(history = calls.listMessages(this.threadId)): Promise<void> {
    try {
      const messages = await history;
      const known = new Set(this.state.messages.map((message) => message.id));
      const joins =
        known.size === 0 ||
        messages.length < calls.historyPageSize ||
        messages.some(({ id }) => known.has(id));
      if (!joins) this.state = { ...this.state, messages: [] };
      this.dispatch({ type: "history", messages });
      const hasEarlier =
        known.size === 0 || !joins ? messages.length === calls.historyPageSize : this.snapshot.hasEarlier;
      this.show({ history: "ready", problem: null, hasEarlier });
      for (const message of messages) forget(this.threadId, message.id);
      // An answer to a send says nothing of what came before it: the stream begins where the history ends.
      this.follow(messages.at(-1)?.timestamp ?? null);
      void this.loadConsents(messages);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) this.onUnauthorized();
      this.show(this.snapshot.history === "ready" ? {} : { history: "failed", problem });
    }
  }

  async loadEarlier(): Promise<void> {
    const first = this.state.messages[0];
    if (!first || this.loadingEarlier || !this.snapshot.hasEarlier) return;
    this.loadingEarlier = true;
    try {
      const messages = await calls.listMessages(this.threadId, first.timestamp);
      this.dispatch({ type: "history", messages });
      this.show({ hasEarlier: messages.length === calls.historyPageSize });
      void this.loadConsents(messages);
    } catch {
      // The page above stays unloaded; scrolling there asks for it again.
    } finally {
      this.loadingEarlier = false;
    }
  }

  /** Loads the history back to a time, in few steps: something of then is looked for. */
  async loadBackTo(timestamp: string): Promise<void> {
    const first = this.state.messages[0];
    if (!first || first.timestamp <= timestamp || this.loadingEarlier || !this.snapshot.hasEarlier) return;
    this.loadingEarlier = true;
    try {
      let found: Message[] = [];
      let more = true;
      for (let before = first.timestamp; more && before > timestamp; before = found[0]?.timestamp ?? before) {
        const page = await calls.listMessages(this.threadId, before, longPageSize);
        found = [...page, ...found];
        more = page.length === longPageSize;
      }
      // After a reset what was loaded no longer joins what is here.
      if (this.state.messages[0]?.id !== first.id) return;
      this.dispatch({ type: "history", messages: found });
      this.show({ hasEarlier: more });
      void this.loadConsents(found);
    } catch {
      // As above.
    } finally {
      this.loadingEarlier = false;
    }
  }

  /** Tells which run is active on the thread, as the thread list or an answer to a send says. */
  setRun(run: LiveRun | null): void {
    const current = this.state.run?.id;
    // A list that was asked for earlier may still name a run that has given way.
    if (run === null || current === run.id || this.pastRuns.has(run.id)) return;
    if (current !== undefined) this.pastRuns.add(current);
    this.dispatch({ type: "run", run });
    this.show({});
  }

  send(content: string, urgency: Urgency = "next", attachments: readonly Attachment[] = []): void {
    this.deliver({ id: ulid(), content, attachments, urgency, at: Date.now(), failure: null });
  }

  /** Takes in what the answer to another call says, as if the stream had said it. */
  learn(event: StreamEvent): void {
    this.apply(event);
    this.show({});
  }

  /** Shows the waiting messages in this order; the server's next word on it counts. */
  order(ids: readonly string[]): void {
    this.dispatch({ type: "order", ids });
    this.show({});
  }

  retry(id: string): void {
    const outgoing = this.state.outbox.find((other) => other.id === id);
    if (outgoing) this.deliver({ ...outgoing, failure: null });
  }

  discard(id: string): void {
    forget(this.threadId, id);
    this.dispatch({ type: "discard", id });
    this.show({});
  }

  /** How what the agent asked in these messages was answered. Without it a tool's line only says what it did. */
  private async loadConsents(messages: readonly Message[]): Promise<void> {
    const runIds = new Set(messages.filter(({ toolUses }) => toolUses?.length).map(({ runId }) => runId));
    for (const runId of runIds) {
      if (this.consentsOf.has(runId)) continue;
      this.consentsOf.add(runId);
      try {
        const { items } = await calls.listPermissions(runId);
        this.dispatch({ type: "consents", permissions: items });
        this.show({});
      } catch {
        this.consentsOf.delete(runId);
      }
    }
  }

  reconnectNow(): void {
    topics.retryNow();
  }

  private deliver(outgoing: Outgoing): void {
    keep(this.threadId, outgoing);
    this.dispatch({ type: "send", outgoing });
    this.show({});
    // One after the other: what is written first arrives first.
    this.sending = this.sending.then(() => this.post(outgoing));
  }

  private async post({ id, content, attachments, urgency }: Outgoing): Promise<void> {
    try {
      const { message, runId } = await calls.sendMessage(this.threadId, {
        id,
        content,
        ...(attachments.length > 0 ? { attachments: attachments.map((one) => one.id) } : {}),
        ...(urgency === "hold" ? { queued: true } : urgency === "now" ? { now: true } : {}),
      });
      forget(this.threadId, id);
      this.apply({ type: "message", message });
      this.setRun({ id: runId, status: "started", busy: true, attention: null, external: false });
    } catch (error) {
      if (asProblem(error).status === 401) this.onUnauthorized();
      this.dispatch({ type: "send-failed", id, failure: failureOf(error) });
    }
    this.show({});
  }

  private sendCutOff(): void {
    const stored = new Set(this.state.messages.map((message) => message.id));
    for (const kept of readOutbox(this.threadId)) {
      if (stored.has(kept.id)) continue;
      if (Date.now() - kept.at < cutOffMs) {
        this.deliver({ ...kept, failure: null });
      } else {
        const failure = { message: "The page was closed before this was sent.", code: "cut_off" };
        this.dispatch({ type: "send", outgoing: { ...kept, failure } });
      }
    }
    this.show({});
  }

  private follow(since: string | null): void {
    if (this.following || this.stopped) return;
    this.following = topics.follow({
      topic: `thread:${this.threadId}`,
      since,
      onEvent: (event) => {
        this.take(event);
      },
      onState: (connection) => {
        if (connection.phase === "open") this.dispatch({ type: "reconnecting" });
        this.show({ connection });
      },
      explain: () => this.explain(),
    });
  }

  private take(told: TopicEvent): void {
    if (told.event === "state" && told.data === null) {
      // Nobody is at work here. A run that this page knows as active has ended while the stream was away.
      const { run } = this.state;
      if (run && !isEnded(run.status)) void this.learnEnd(run.id);
      return;
    }
    const event = readEvent(told);
    if (!event) return;
    const ofThread = event.type === "reset" || event.type === "message" || event.type === "message-updated";
    if (ofThread || this.isOfRun(told.runId, event)) this.apply(event);
    this.showSoon();
  }

  /** Whether an event is of the run that is shown; one that tells of the next run makes it the one. */
  private isOfRun(runId: string | null, event: StreamEvent): boolean {
    if (runId === null || runId === this.state.run?.id) return true;
    if (event.type !== "state" && event.type !== "run-status") return false;
    if (isEnded(event.status) || this.pastRuns.has(runId)) return false;
    const { status, busy, attention, external } = event;
    this.setRun({ id: runId, status, busy, attention, external });
    return true;
  }

  private async learnEnd(runId: string): Promise<void> {
    try {
      const { status } = await calls.getRun(runId);
      if (this.state.run?.id !== runId || !isEnded(status)) return;
      this.apply({ type: "close", status });
      this.show({});
    } catch {
      // The next connect asks again.
    }
  }

  /** Why the stream could not be opened: the thread may be gone, or the person's login over. */
  private async explain(): Promise<Refusal> {
    try {
      await calls.getThread(this.threadId);
      return "retry";
    } catch (error) {
      const { status } = asProblem(error);
      if (status === 401) this.onUnauthorized();
      return status === 401 || status === 403 || status === 404 ? "stop" : "retry";
    }
  }

  private apply(event: StreamEvent): void {
    this.dispatch({ type: "event", event });
  }

  private dispatch(action: Action): void {
    this.state = reduce(this.state, action);
  }

  /** Deltas come by the hundred: the view sees one frame's worth at a time. */
  private showSoon(): void {
    if (this.frame !== undefined) return;
    this.frame = setTimeout(
      () => {
        this.frame = undefined;
        this.show({});
      },
      document.visibilityState === "hidden" ? 250 : 16,
    );
  }

  private show(change: Partial<ChatSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change, conversation: this.state };
    for (const listener of this.listeners) listener();
  }
}

/** Leaves a message to be sent as soon as its thread is opened: how the first one of a new thread gets there. */
export function handOver(threadId: string, content: string, attachments: readonly Attachment[]): void {
  keep(threadId, { id: ulid(), content, attachments, urgency: "next", at: Date.now() });
}
