import type { Note, Placed } from "./notes";
import { pairsOf, type Line, type Pair, type ParsedFile } from "./patch";

// The changes as one list of rows, of which the view draws those in sight. Pure.

export type Layout = "unified" | "split";

export type DiffRow =
  | { kind: "entry"; key: string; file: ParsedFile }
  | { kind: "more"; key: string; count: number }
  | { kind: "loose"; key: string; note: Note }
  | { kind: "file"; key: string; file: ParsedFile; open: boolean }
  | { kind: "hunk"; key: string; hunk: string; header: string; open: boolean }
  | { kind: "line"; key: string; file: ParsedFile; hunk: number; line: Line }
  | { kind: "pair"; key: string; file: ParsedFile; hunk: number; pair: Pair }
  | { kind: "note"; key: string; note: Note }
  | { kind: "words"; key: string; text: string };

function wordsFor(file: ParsedFile): string | null {
  if (file.binary) return "A binary file: there are no lines to show.";
  if (file.truncated) return "The rest is too long to show here. The patch has all of it.";
  if (file.hunks.length === 0)
    return file.status === "renamed" ? "Moved, without a change." : "No line has changed.";
  return null;
}

function hunkRows(
  file: ParsedFile,
  index: number,
  layout: Layout,
  placed: Placed,
  folded: ReadonlySet<string>,
): DiffRow[] {
  const hunk = file.hunks[index];
  if (!hunk) return [];
  const id = `${file.path}:${hunk.header}`;
  const open = !folded.has(id);
  const rows: DiffRow[] = [{ kind: "hunk", key: `${id}:head`, hunk: id, header: hunk.header, open }];
  if (!open) return rows;
  const addNotes = (line: Line | null) => {
    for (const note of (line && placed.at.get(line)) ?? []) {
      rows.push({ kind: "note", key: `note:${note.id}`, note });
    }
  };
  if (layout === "unified") {
    hunk.lines.forEach((line, at) => {
      rows.push({ kind: "line", key: `${id}:${String(at)}`, file, hunk: index, line });
      addNotes(line);
    });
  } else {
    pairsOf(hunk.lines).forEach((pair, at) => {
      rows.push({ kind: "pair", key: `${id}:${String(at)}`, file, hunk: index, pair });
      addNotes(pair.left);
      if (pair.right !== pair.left) addNotes(pair.right);
    });
  }
  return rows;
}

/** With more files than this the list at the top would push the lines out of sight: it is cut until asked for. */
const entriesShown = 12;

export type Shown = {
  layout: Layout;
  /** The paths of closed files and the ids of closed hunks. */
  folded: ReadonlySet<string>;
  /** Every file is named at the top. */
  allEntries: boolean;
};

/** `unlisted` is how many files the server has left out. */
export function diffRows(
  files: readonly ParsedFile[],
  unlisted: number,
  placed: Placed,
  { layout, folded, allEntries }: Shown,
): DiffRow[] {
  const entries = allEntries || files.length <= entriesShown + 1 ? files : files.slice(0, entriesShown);
  const rows: DiffRow[] = entries.map((file) => ({ kind: "entry", key: `entry:${file.path}`, file }));
  if (entries.length < files.length) {
    rows.push({ kind: "more", key: "more", count: files.length - entries.length });
  }
  if (unlisted > 0) {
    const text = `${unlisted.toLocaleString()} more files are not listed here. The patch has all of them.`;
    rows.push({ kind: "words", key: "unlisted", text });
  }
  for (const note of placed.loose) rows.push({ kind: "loose", key: `note:${note.id}`, note });
  for (const file of files) {
    const open = !folded.has(file.path);
    rows.push({ kind: "file", key: `file:${file.path}`, file, open });
    if (!open) continue;
    file.hunks.forEach((_, index) => rows.push(...hunkRows(file, index, layout, placed, folded)));
    const text = wordsFor(file);
    if (text) rows.push({ kind: "words", key: `words:${file.path}`, text });
  }
  return rows;
}

/** Longer than this no line is drawn: one of a megabyte would hold up the page. */
export const shownLength = 2000;

/** The width of the widest line, in characters; a tab counts as it is drawn. */
export function widestLine(files: readonly ParsedFile[]): number {
  let widest = 0;
  for (const { hunks } of files) {
    for (const { lines } of hunks) {
      for (const { text } of lines) {
        const shown = text.slice(0, shownLength);
        const tabs = shown.split("\t").length - 1;
        widest = Math.max(widest, shown.length + 3 * tabs);
      }
    }
  }
  return widest;
}
