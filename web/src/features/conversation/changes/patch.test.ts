import { describe, expect, it } from "vitest";
import { diffRows } from "./diff_rows";
import { placeNotes, noteOn, notesMessage, type Note } from "./notes";
import { languageOf, pairsOf, parsePatch, type ParsedFile } from "./patch";

const patch = `@@ -31,5 +31,6 @@ def list_orders(session):
     stmt = select(Order)
-    after = decode(cursor)
-    stmt = stmt.where(after)
+    created, order = decode(cursor)
     return stmt
@@ -80 +81,2 @@
-last
\\ No newline at end of file
+last
+more
`;

function file(path: string, text: string, more: Partial<ParsedFile> = {}): ParsedFile {
  return {
    path,
    status: "modified",
    additions: 1,
    deletions: 1,
    binary: false,
    truncated: false,
    patch: text,
    hunks: parsePatch(text),
    ...more,
  };
}

describe("a patch", () => {
  it("is read as hunks of lines with their numbers on both sides", () => {
    const [first, second] = parsePatch(patch);
    expect(first?.header).toBe("@@ -31,5 +31,6 @@ def list_orders(session):");
    expect(first?.lines.map(({ sign, old, new: fresh }) => [sign, old, fresh])).toEqual([
      [" ", 31, 31],
      ["-", 32, null],
      ["-", 33, null],
      ["+", null, 32],
      [" ", 34, 33],
    ]);
    expect(second?.lines).toMatchObject([
      { sign: "-", old: 80, text: "last", unended: true },
      { sign: "+", new: 81, text: "last", unended: false },
      { sign: "+", new: 82, text: "more" },
    ]);
  });

  it("keeps what looks like a header inside of a line", () => {
    const [hunk] = parsePatch("@@ -1,2 +1,2 @@\n-@@ -1 +1 @@\n+++ b/file\n--- a/file\n");
    expect(hunk?.lines.map(({ sign, text }) => sign + text)).toEqual([
      "-@@ -1 +1 @@",
      "+++ b/file",
      "--- a/file",
    ]);
  });

  it("hides the carriage returns of a file that has them everywhere, and shows those that are a change", () => {
    expect(parsePatch("@@ -1 +1 @@\n-a\r\n+b\r\n")[0]?.lines.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(parsePatch("@@ -1 +1 @@\n-a\n+a\r\n")[0]?.lines.map(({ text }) => text)).toEqual(["a", "a\r"]);
  });

  it("stands side by side: what was removed beside what came for it", () => {
    const pairs = pairsOf(parsePatch(patch)[0]?.lines ?? []);
    expect(pairs.map(({ left, right }) => [left?.text.trim(), right?.text.trim()])).toEqual([
      ["stmt = select(Order)", "stmt = select(Order)"],
      ["after = decode(cursor)", "created, order = decode(cursor)"],
      ["stmt = stmt.where(after)", undefined],
      ["return stmt", "return stmt"],
    ]);
  });
});

describe("the list of changes", () => {
  const nowhere = { at: new Map(), loose: [] };
  const shown = { layout: "unified" as const, folded: new Set<string>(), allEntries: false };
  const kinds = (files: ParsedFile[], folded: string[] = [], unlisted = 0) =>
    diffRows(files, unlisted, nowhere, { ...shown, folded: new Set(folded) }).map(({ kind }) => kind);

  it("names every file first, then shows each with its lines", () => {
    const short = "@@ -1 +1 @@\n-a\n+b\n";
    expect(kinds([file("a", short), file("b", short)])).toEqual([
      "entry",
      "entry",
      ...["file", "hunk", "line", "line"],
      ...["file", "hunk", "line", "line"],
    ]);
  });

  it("names the first of many files, and all of them when asked", () => {
    const many = Array.from({ length: 40 }, (_, index) => file(String(index), ""));
    const named = (allEntries: boolean) =>
      diffRows(many, 0, nowhere, { ...shown, allEntries }).filter(({ kind }) => kind === "entry").length;
    expect(named(false)).toBe(12);
    expect(diffRows(many, 0, nowhere, shown)[12]).toMatchObject({ kind: "more", count: 28 });
    expect(named(true)).toBe(40);
  });

  it("folds files and hunks", () => {
    const one = file("a", "@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-c\n+d\n");
    expect(kinds([one], ["a"])).toEqual(["entry", "file"]);
    expect(kinds([one], ["a:@@ -1 +1 @@"])).toEqual(["entry", "file", "hunk", "hunk", "line", "line"]);
  });

  it("says what it does not show: a binary file, a long one's rest, files beyond the list", () => {
    const rows = diffRows(
      [file("a.png", "", { binary: true }), file("b", patch, { truncated: true })],
      7,
      nowhere,
      shown,
    );
    expect(rows.flatMap((row) => (row.kind === "words" ? [row.text] : []))).toEqual([
      expect.stringContaining("7 more files"),
      expect.stringContaining("binary file"),
      expect.stringContaining("too long"),
    ]);
  });
});

describe("notes", () => {
  const query = file("app/query.py", patch);
  const line = (index: number) => {
    const found = query.hunks[0]?.lines[index];
    if (!found) throw new Error("no such line");
    return found;
  };
  const note = (index: number, id: string, text: string): Note => ({
    ...noteOn("app/query.py", line(index), id),
    text,
  });

  it("stay with their line when it moves", () => {
    const moved = file("app/query.py", patch.replaceAll("31,", "61,"));
    const placed = placeNotes([moved], [note(3, "n", "why?")]);
    expect([...placed.at.keys()].map(({ new: number }) => number)).toEqual([62]);
    expect(placed.loose).toEqual([]);
  });

  it("are loose when their line is gone, and not lost", () => {
    const gone = file("app/query.py", "@@ -1 +1 @@\n-x\n+y\n");
    expect(placeNotes([gone], [note(3, "n", "why?")]).loose).toMatchObject([{ id: "n" }]);
    expect(placeNotes([], [note(3, "n", "why?")]).loose).toMatchObject([{ id: "n" }]);
  });

  it("go to the agent as one message: the place, the line, the note", () => {
    const message = notesMessage(
      [query],
      [note(3, "late", "Name this `page_after`?"), note(1, "early", "Keep this."), note(0, "empty", "  ")],
    );
    expect(message).toBe(
      [
        "Notes on your changes:",
        "`app/query.py:32` (a removed line)\n```py\n    after = decode(cursor)\n```\nKeep this.",
        "`app/query.py:32`\n```py\n    created, order = decode(cursor)\n```\nName this `page_after`?",
      ].join("\n\n"),
    );
  });

  it("quote a line of backticks so that it ends where it ends", () => {
    const fenced = file("a.md", "@@ -0,0 +1 @@\n+```js\n");
    const fence = fenced.hunks[0]?.lines[0];
    if (!fence) throw new Error("no line");
    const text = notesMessage([fenced], [{ ...noteOn("a.md", fence, "n"), text: "why?" }]);
    expect(text).toContain("````md\n```js\n````");
  });
});

describe("a file's language", () => {
  it("is told by the end of its name, or by the name", () => {
    expect(languageOf("web/src/a.test.tsx")).toBe("tsx");
    expect(languageOf("Dockerfile")).toBe("dockerfile");
    expect(languageOf("LICENSE")).toBeNull();
  });
});
