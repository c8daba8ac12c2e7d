import { describe, expect, it } from "vitest";
import { piecesOf, smallLetters, wordsOf } from "./found";

describe("what was searched for", () => {
  const marked = (text: string, ...words: string[]) =>
    piecesOf(text, words)
      .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
      .join("|");

  it("is marked in a text", () => {
    expect(marked("app/Limits/limit.py", "limit")).toBe("app/|[Limit]|s/|[limit]|.py");
    expect(marked("aaa", "aa")).toBe("[aa]|a");
    expect(marked("none", "x")).toBe("none");
    expect(marked("all", "")).toBe("all");
  });

  it("is marked word by word, the longer one where two begin", () => {
    expect(marked("the rate limit", "limit", "rate")).toBe("the |[rate]| |[limit]");
    expect(marked("limits", "limit", "limits")).toBe("[limits]");
  });

  it("may differ in the size of its letters, each of which keeps its place", () => {
    expect(marked("GRÖSSE", "größe", "grösse")).toBe("[GRÖSSE]");
    // Its small form is two letters.
    expect(marked("\u0130x Ende", "ende")).toBe("\u0130x |[Ende]");
    expect(smallLetters("ΟΔΟΣ")).toBe("οδοσ");
  });

  it("is words, and what is quoted is one", () => {
    expect(wordsOf('  Time "Rate Limit" out"a b" "open')).toEqual([
      "time",
      "rate limit",
      "out",
      "a b",
      "open",
    ]);
    expect(wordsOf(' "" " " ')).toEqual([]);
  });
});
