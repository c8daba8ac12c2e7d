import { ulid } from "ulid";
import { SharedTopics, type PagePort } from "./shared_topics";
import { Topics, type Follower, type Following, type TopicStream } from "./topics";

// What this page follows its topics with: the stream that it shares with the browser's other pages of this server, or,
// where a browser has no shared workers, one of its own.

class PageTopics implements TopicStream {
  private stream: TopicStream;
  private readonly followed = new Map<Follower, Following>();

  constructor() {
    this.stream = this.share() ?? new Topics();
    const wake = () => {
      if (document.visibilityState !== "hidden") this.wake();
    };
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("online", wake);
  }

  follow(follower: Follower): Following {
    this.followed.set(follower, this.stream.follow(follower));
    return {
      stop: () => {
        this.followed.get(follower)?.stop();
        this.followed.delete(follower);
      },
    };
  }

  retryNow(): void {
    this.stream.retryNow();
  }

  wake(): void {
    this.stream.wake();
  }

  private share(): TopicStream | null {
    if (!("SharedWorker" in window) || !("locks" in navigator)) return null;
    const worker = new SharedWorker(new URL("./topics_worker.ts", import.meta.url), { type: "module" });
    worker.onerror = () => {
      this.goAlone();
    };
    const shared = new SharedTopics(worker.port as unknown as PagePort);
    const lock = `omakase-page-${ulid()}`;
    void navigator.locks.request(lock, () => {
      shared.hello(lock);
      return new Promise(() => undefined);
    });
    return shared;
  }

  /** The worker could not be had, as when the server's files have changed under an old page. */
  private goAlone(): void {
    this.stream = new Topics();
    for (const [follower, following] of this.followed) {
      following.stop();
      this.followed.set(follower, this.stream.follow(follower));
    }
  }
}

export const topics: TopicStream = new PageTopics();
