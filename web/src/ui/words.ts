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

/** A repository's address without its scheme and its ".git": what tells repositories apart. */
export function shortUrl(url: string): string {
  return url.replace(/^[a-z+]+:\/\//, "").replace(/\.git$/, "");
}

/** Money; what nobody knows is a dash, not zero. */
export function dollars(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return "—";
  return usd > 0 && usd < 0.005 ? "<$0.01" : `$${usd.toFixed(2)}`;
}

/** "12 KB", as files are measured elsewhere: in thousands. */
export function bytes(size: number): string {
  if (size < 1000) return `${String(size)} B`;
  if (size < 999_500) return `${(size / 1000).toFixed(0)} KB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}
