import type { Refusal } from "./connection";
import { Topics, type Following } from "./topics";
import type { ToPage, ToWorker } from "./worker_words";

// The worker's side: one stream for every page of this browser. A page that does not say why its topic is refused, as
// it sleeps or is gone, is believed to want it still; what a page that went away followed is let go.

/** So long a page may take to say why; what it says later still counts. */
const explainMs = 1_000;

/** The part of a MessagePort that is used. */
export type Port = {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage: (words: ToPage) => void;
};

export class TopicsHost {
  private readonly topics = new Topics();

  /** `onHello` is told the name of the page's lock. */
  connect(port: Port, onHello: (lock: string, gone: () => void) => void): void {
    const followings = new Map<number, Following>();
    const explaining = new Map<number, (refusal: Refusal) => void>();
    const tell = (words: ToPage) => {
      port.postMessage(words);
    };
    const drop = (follower: number) => {
      followings.get(follower)?.stop();
      followings.delete(follower);
    };
    const letGo = () => {
      for (const following of followings.values()) following.stop();
      followings.clear();
    };
    const explain = (follower: number) =>
      new Promise<Refusal>((resolve) => {
        const timer = setTimeout(() => {
          explaining.delete(follower);
          resolve("retry");
        }, explainMs);
        explaining.set(follower, (refusal) => {
          clearTimeout(timer);
          explaining.delete(follower);
          resolve(refusal);
        });
        tell({ type: "explain", follower });
      });
    port.onmessage = ({ data: words }) => {
      switch (words.type) {
        case "hello":
          onHello(words.lock, letGo);
          return;
        case "follow": {
          const { follower, topic, since } = words;
          drop(follower);
          const following = this.topics.follow({
            topic,
            since,
            onEvent: (event) => {
              tell({ type: "event", follower, event });
            },
            onState: (state) => {
              tell({ type: "state", follower, state });
            },
            explain: () => explain(follower),
          });
          followings.set(follower, following);
          return;
        }
        case "stop":
          drop(words.follower);
          return;
        case "explained": {
          const { follower, refusal } = words;
          const asked = explaining.get(follower);
          if (asked) asked(refusal);
          else if (refusal === "stop" && followings.has(follower)) {
            drop(follower);
            tell({ type: "state", follower, state: { phase: "stopped" } });
          }
          return;
        }
        case "wake":
          this.topics.wake();
          return;
        case "retry":
          this.topics.retryNow();
          return;
        case "bye":
          letGo();
      }
    };
  }
}
