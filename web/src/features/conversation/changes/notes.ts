import { languageOf, numberOf, sideOf, type Line, type ParsedFile, type Side } from "./patch";

// A person's notes on lines of the changes. They gather in the browser until they go to the agent as one message.

export type Note = { id: string; path: string; side: Side; line: number; quote: string; text: string };

const keyOf = (threadId: string) => `omakase.notes.${threadId}`;

export function readNotes(threadId: string): Note[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(threadId)) ?? "[]");
    return Array.isArray(kept) ? (kept as Note[]) : [];
  } catch {
    return [];
  }
}

export function keepNotes(threadId: string, notes: readonly Note[]): void {
  if (notes.length === 0) localStorage.removeItem(keyOf(threadId));
  else localStorage.setItem(keyOf(threadId), JSON.stringify(notes));
}

/** Notes by the line that they are on now, and those whose line is gone. */
export type Placed = { at: ReadonlyMap<Line, readonly Note[]>; loose: readonly Note[] };

/** The line that a note is about: the same words, nearest to where they were. */
function lineOf(file: ParsedFile, note: Note): Line | null {
  let best: Line | null = null;
  for (const { lines } of file.hunks) {
    for (const line of lines) {
      if (line.text !== note.quote || (line.sign === "-") !== (note.side === "old")) continue;
      const distance = (candidate: Line) => Math.abs(numberOf(candidate) - note.line);
      if (best === null || distance(line) < distance(best)) best = line;
    }
  }
  return best;
}

export function placeNotes(files: readonly ParsedFile[], notes: readonly Note[]): Placed {
  const at = new Map<Line, Note[]>();
  const loose: Note[] = [];
  for (const note of notes) {
    const file = files.find(({ path }) => path === note.path);
    const line = file ? lineOf(file, note) : null;
    if (line) at.set(line, [...(at.get(line) ?? []), note]);
    else loose.push(note);
  }
  return { at, loose };
}

export function noteOn(path: string, line: Line, id: string): Note {
  return { id, path, side: sideOf(line), line: numberOf(line), quote: line.text, text: "" };
}

/** A fence that the quoted line does not close. */
function fenceFor(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return "`".repeat(Math.max(3, longest + 1));
}

function written(note: Note, placed: Placed): string {
  const line = [...placed.at].find(([, notes]) => notes.includes(note))?.[0];
  const number = line ? numberOf(line) : note.line;
  const about = !line ? " (the line has changed since)" : note.side === "old" ? " (a removed line)" : "";
  const fence = fenceFor(note.quote);
  return [
    `\`${note.path}:${String(number)}\`${about}`,
    `${fence}${languageOf(note.path) ?? ""}\n${note.quote}\n${fence}`,
    note.text.trim(),
  ].join("\n");
}

/** All notes as one message to the agent, in the order of the files and lines. */
export function notesMessage(files: readonly ParsedFile[], notes: readonly Note[]): string {
  const placed = placeNotes(files, notes);
  const lines = files.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines));
  // What has lost its line comes last.
  const inOrder = [
    ...lines.flatMap((line) => placed.at.get(line) ?? []),
    ...notes.filter((note) => placed.loose.includes(note)),
  ];
  const ordered = inOrder.filter(({ text }) => text.trim() !== "");
  const intro = ordered.length === 1 ? "A note on your changes:" : "Notes on your changes:";
  return [intro, ...ordered.map((note) => written(note, placed))].join("\n\n");
}
