import type { NewsKind } from "./types";

// What a person can be told of, on whatever way.

export const newsKinds: readonly NewsKind[] = ["question", "error", "turn"];

/** What a person can be told of. */
export const newsWords: Record<NewsKind, { name: string; note: string }> = {
  question: { name: "Questions", note: "An agent asks permission or has a question" },
  error: { name: "Errors", note: "A run has failed, or an agent ran into an error" },
  turn: { name: "Finished turns", note: "An agent is done and waits for you" },
};
