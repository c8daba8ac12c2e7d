import type { ConnectionState, Refusal } from "./connection";
import type { TopicEvent } from "./events";

// What a page and the worker that holds the stream for all pages say to each other. A follower is named by a number
// that its page has chosen.

export type ToWorker =
  | { type: "follow"; follower: number; topic: string; since: string | null }
  | { type: "stop"; follower: number }
  | { type: "explained"; follower: number; refusal: Refusal }
  | { type: "wake" }
  | { type: "retry" }
  /** The page is going; nothing that it followed is wanted any more. `lock` is free once it is gone without a word. */
  | { type: "bye" }
  | { type: "hello"; lock: string };

export type ToPage =
  | { type: "event"; follower: number; event: TopicEvent }
  | { type: "state"; follower: number; state: ConnectionState }
  | { type: "explain"; follower: number };
