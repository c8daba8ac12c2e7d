import type { Attention, NewsKind, RunSummary } from "../api/types";

// What is worth telling somebody who looks elsewhere: from how a run stood to how it stands now. Pure.

export type News = { kind: NewsKind; words: string };

const asks: Partial<Record<NonNullable<Attention>, string>> = {
  permission: "asks permission",
  question: "has a question",
};

/** Null for what is no news: nothing changed for the person, or it was so when the page first heard of the run. */
export function newsOf(before: RunSummary | undefined, now: RunSummary, name: string): News | null {
  if (!before) return null;
  const asked = now.attention && now.attention !== before.attention ? asks[now.attention] : undefined;
  if (asked) return { kind: "question", words: `${name} ${asked}` };
  const failed = now.status === "failed" && before.status !== "failed";
  if (failed || (now.attention === "error" && before.attention !== "error")) {
    return { kind: "error", words: `${name} ran into an error` };
  }
  if (before.busy && !now.busy && !now.attention && now.status !== "completed") {
    return { kind: "turn", words: `${name} is done and waits for you` };
  }
  return null;
}

const keyOf = (kind: NewsKind) => `omakase.notify.${kind}`;

/** Which news a person wants told; kept in this browser. Nothing until they ask for it. */
export const wanted = {
  get: (kind: NewsKind): boolean => localStorage.getItem(keyOf(kind)) === "1",
  set: (kind: NewsKind, on: boolean): void => {
    if (on) localStorage.setItem(keyOf(kind), "1");
    else localStorage.removeItem(keyOf(kind));
  },
};
