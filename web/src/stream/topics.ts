import { path } from "../api/client";
import { Connection, type ConnectionState, type Refusal } from "./connection";
import { readTopicEvent, type TopicEvent } from "./events";

// One stream for the whole page, whatever it shows: every view names a topic ("thread:ID", "project:ID") and is told
// of it alone. When the set of topics changes, the stream is opened anew for the new set; each topic goes on from
// what its follower has.

export type Follower = {
  topic: string;
  /** The timestamp of the last message that it has; null for none, or for a topic without messages. */
  since: () => string | null;
  onEvent: (event: TopicEvent) => void;
  onState: (state: ConnectionState) => void;
  /** Why the stream could not be opened, as far as this topic knows; "stop" lets go of the topic. */
  explain: () => Promise<Refusal>;
};

export type Following = { stop: () => void };

const kinds = ["runs", "threads", "projects"] as const;

function address(followers: readonly Follower[]): string {
  const ids = { runs: [] as string[], threads: [] as string[], projects: [] as string[] };
  const earliest = new Map<string, string | null>();
  for (const { topic, since } of followers) {
    const from = since();
    const known = earliest.get(topic);
    if (known === undefined) earliest.set(topic, from);
    else if (known !== null && (from === null || from < known)) earliest.set(topic, from);
  }
  for (const [topic, from] of earliest) {
    const at = topic.indexOf(":");
    const kind = kinds.find((candidate) => candidate.startsWith(topic.slice(0, at)));
    if (kind) ids[kind].push(topic.slice(at + 1) + (from ? `@${from}` : ""));
  }
  const named = kinds.filter((kind) => ids[kind].length > 0);
  return "/api/stream?" + named.map((kind) => `${kind}=` + path`${ids[kind].join(",")}`).join("&");
}

export class Topics {
  private followers: Follower[] = [];
  private connection: Connection | null = null;
  private state: ConnectionState = { phase: "stopped" };
  private changing = false;

  follow(follower: Follower): Following {
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

  /** Tries now instead of at the end of the wait. */
  retryNow(): void {
    this.connection?.retryNow();
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
        this.state = state;
        for (const follower of [...this.followers]) follower.onState(state);
      },
      explain: () => this.explain(),
    });
    this.connection.start();
  }

  private take(data: string): void {
    const event = readTopicEvent(data);
    if (!event) return;
    for (const follower of [...this.followers]) if (follower.topic === event.topic) follower.onEvent(event);
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

/** The page's own. */
export const topics = new Topics();
