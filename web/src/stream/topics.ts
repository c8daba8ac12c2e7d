import { path } from "../api/client";
import { Connection, type ConnectionState, type Refusal } from "./connection";
import { readTopicEvent, type TopicEvent } from "./events";

// One stream for everything that is followed: every view names a topic ("thread:ID", "project:ID") and is told of it
// alone. When the set of topics changes, the stream is opened anew for the new set; each topic goes on from what its
// followers have, so that one that joins others may make them hear something again.

export type Follower = {
  topic: string;
  /** The timestamp of the last message that it has; null for none, or for a topic without messages. */
  since: string | null;
  onEvent: (event: TopicEvent) => void;
  onState: (state: ConnectionState) => void;
  /** Why the stream could not be opened, as far as this topic knows; "stop" lets go of the topic. */
  explain: () => Promise<Refusal>;
};

export type Following = { stop: () => void };

/** What a page follows its topics with. */
export type TopicStream = {
  follow: (follower: Follower) => Following;
  /** Tries now instead of at the end of the wait. */
  retryNow: () => void;
  /** Somebody looks again, or the network is back. */
  wake: () => void;
};

/** What a follower has after an event: the stream goes on from there. */
export function sinceAfter(since: string | null, { event, data }: TopicEvent): string | null {
  if (event === "reset") return null;
  if (event !== "message") return since;
  const { timestamp } = data as { timestamp: string };
  return since === null || timestamp > since ? timestamp : since;
}

const kinds = ["runs", "threads", "projects"] as const;

function address(followers: readonly Follower[]): string {
  const ids = { runs: [] as string[], threads: [] as string[], projects: [] as string[] };
  const earliest = new Map<string, string | null>();
  for (const { topic, since } of followers) {
    const known = earliest.get(topic);
    if (known === undefined) earliest.set(topic, since);
    else if (known !== null && (since === null || since < known)) earliest.set(topic, since);
  }
  for (const [topic, from] of earliest) {
    const at = topic.indexOf(":");
    const kind = kinds.find((candidate) => candidate.startsWith(topic.slice(0, at)));
    if (kind) ids[kind].push(topic.slice(at + 1) + (from ? `@${from}` : ""));
  }
  const named = kinds.filter((kind) => ids[kind].length > 0);
  return "/api/stream?" + named.map((kind) => `${kind}=` + path`${ids[kind].join(",")}`).join("&");
}

const idle: ConnectionState = { phase: "connecting", downSince: null };

export class Topics implements TopicStream {
  private followers: Follower[] = [];
  private connection: Connection | null = null;
  private state: ConnectionState = idle;
  private changing = false;

  follow(wanted: Follower): Following {
    const follower = { ...wanted };
    this.followers.push(follower);
    this.change();
    follower.onState(this.state);
    return {
      stop: () => {
        if (!this.followers.includes(follower)) return;
        this.followers = this.followers.filter((other) => other !== follower);
        this.change();
      },
    };
  }

  retryNow(): void {
    this.connection?.retryNow();
  }

  wake(): void {
    this.connection?.wake();
  }

  /** What comes and goes in one moment, as when a page gives way to another, is one change. */
  private change(): void {
    if (this.changing) return;
    this.changing = true;
    queueMicrotask(() => {
      this.changing = false;
      this.connect();
    });
  }

  private connect(): void {
    if (this.followers.length === 0) {
      this.connection?.stop();
      this.connection = null;
      return;
    }
    if (this.connection) {
      this.connection.reopen();
      return;
    }
    this.connection = new Connection({
      url: () => address(this.followers),
      onData: (data) => {
        this.take(data);
      },
      onState: (state) => {
        this.state = state.phase === "stopped" ? idle : state;
        for (const follower of [...this.followers]) follower.onState(state);
      },
      explain: () => this.explain(),
    });
    this.connection.start();
  }

  private take(data: string): void {
    const event = readTopicEvent(data);
    if (!event) return;
    for (const follower of [...this.followers]) {
      if (follower.topic !== event.topic) continue;
      follower.since = sinceAfter(follower.since, event);
      follower.onEvent(event);
    }
  }

  /** One topic that is gone must not keep the others from being told. */
  private async explain(): Promise<Refusal> {
    const asked = [...this.followers];
    const refusals = await Promise.all(asked.map((follower) => follower.explain()));
    const gone = asked.filter((_, index) => refusals[index] === "stop");
    this.followers = this.followers.filter((follower) => !gone.includes(follower));
    for (const follower of gone) follower.onState({ phase: "stopped" });
    if (this.followers.length > 0) return "retry";
    this.connection = null;
    return "stop";
  }
}
