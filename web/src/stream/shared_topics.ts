import { sinceAfter, type Follower, type Following, type TopicStream } from "./topics";
import type { ToPage, ToWorker } from "./worker_words";

// The page's side of the stream that all pages of this browser share: a browser opens six connections to one server,
// and a seventh page would wait for ever.

export type PagePort = {
  onmessage: ((event: MessageEvent<ToPage>) => void) | null;
  postMessage: (words: ToWorker) => void;
};

export class SharedTopics implements TopicStream {
  private readonly followers = new Map<number, Follower>();
  private next = 1;

  constructor(private readonly port: PagePort) {
    port.onmessage = ({ data }) => {
      this.hear(data);
    };
    window.addEventListener("pagehide", () => {
      this.say({ type: "bye" });
    });
    // A page that comes back from the browser's cache goes on from where it was.
    window.addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      for (const [number, follower] of this.followers) this.ask(number, follower);
    });
  }

  follow(wanted: Follower): Following {
    const number = this.next++;
    const follower = { ...wanted };
    this.followers.set(number, follower);
    this.ask(number, follower);
    return {
      stop: () => {
        if (this.followers.delete(number)) this.say({ type: "stop", follower: number });
      },
    };
  }

  retryNow(): void {
    this.say({ type: "retry" });
  }

  wake(): void {
    this.say({ type: "wake" });
  }

  /** Names the lock that this page holds: once it is free, the page is gone. */
  hello(lock: string): void {
    this.say({ type: "hello", lock });
  }

  private ask(number: number, { topic, since }: Follower): void {
    this.say({ type: "follow", follower: number, topic, since });
  }

  private say(words: ToWorker): void {
    this.port.postMessage(words);
  }

  private hear(words: ToPage): void {
    const follower = this.followers.get(words.follower);
    if (!follower) return;
    if (words.type === "event") {
      follower.since = sinceAfter(follower.since, words.event);
      follower.onEvent(words.event);
    } else if (words.type === "state") {
      follower.onState(words.state);
      if (words.state.phase === "stopped") this.followers.delete(words.follower);
    } else {
      void follower.explain().then((refusal) => {
        this.say({ type: "explained", follower: words.follower, refusal });
      });
    }
  }
}
