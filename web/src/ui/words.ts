/** How a run stands, in a word; by its status. */
export const runWords: Record<string, string> = {
  started: "Starting",
  thinking: "Thinking",
  coding: "Coding",
  reviewing: "Reviewing",
  testing: "Testing",
  completed: "Ended",
  failed: "Failed",
};
