import type { LogLine, LogPage } from "../../api/types";

// The lines that a view has, oldest first and without a gap, and what is done with those that come. Pure.

export type LogLines = {
  shown: readonly LogLine[];
  /** What came while the view was paused: it goes on where the shown ones end. */
  held: readonly LogLine[];
  /** Where the page before begins; null when there is nothing before. */
  older: string | null;
  /** How many came that were not kept. Above zero the end of `shown` is not the newest. */
  missed: number;
};

export const noLines: LogLines = { shown: [], held: [], older: null, missed: 0 };

/** So many are kept: more are of no use to anybody and would slow the page down. */
export const mostKept = 20_000;

/** Ids are decimal numbers of any length. */
export function isAfter(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length;
}

/** The last line up to which nothing is missing; null while there is none. */
export function lastOf({ shown, held }: LogLines): string | null {
  return (held.at(-1) ?? shown.at(-1))?.id ?? null;
}

/** Of lines in order, those that come after what is there. */
export function newOf(lines: LogLines, come: readonly LogLine[]): readonly LogLine[] {
  const last = lastOf(lines);
  if (last === null) return come;
  const first = come.findIndex(({ id }) => isAfter(id, last));
  return first < 0 ? [] : come.slice(first);
}

/** The newest ones of a page, in the place of all that was there. */
export function opened({ items, next }: LogPage): LogLines {
  return { ...noLines, shown: items, older: next };
}

/** How a view stands when lines come: at the end, higher up, or paused. */
export type Stance = "following" | "reading" | "paused";

function withoutOldest(lines: LogLines, shown: readonly LogLine[]): LogLines {
  const kept = shown.length > mostKept ? shown.slice(-mostKept) : shown;
  const older = kept.length < shown.length ? (kept[0]?.id ?? null) : lines.older;
  return { ...lines, shown: kept, older };
}

/** Lines come at the end. Where there are too many, those far from the reader are let go. */
export function appended(lines: LogLines, come: readonly LogLine[], stance: Stance): LogLines {
  const fresh = newOf(lines, come);
  if (fresh.length === 0) return lines;
  if (lines.missed > 0) return { ...lines, missed: lines.missed + fresh.length };
  if (stance === "following") return withoutOldest(lines, [...lines.shown, ...fresh]);
  const room = Math.max(0, mostKept - lines.shown.length - lines.held.length);
  const kept = fresh.slice(0, room);
  const missed = fresh.length - kept.length;
  if (stance === "paused") return { ...lines, held: [...lines.held, ...kept], missed };
  return { ...lines, shown: [...lines.shown, ...kept], missed };
}

/** The page before comes. Where there are too many, it takes the place of the newest, unless the reader is there. */
export function prepended(lines: LogLines, { items, next }: LogPage, stance: Stance): LogLines {
  const all = [...items, ...lines.shown];
  if (stance === "following") return withoutOldest({ ...lines, older: next }, all);
  const shown = all.slice(0, mostKept);
  const gone = all.length - shown.length;
  // What goes on after a gap would be out of place.
  const held = gone > 0 ? [] : lines.held;
  const missed = lines.missed + gone + (lines.held.length - held.length);
  return { shown, held, older: next, missed };
}

/** The page after comes, for a view whose end is not the newest. */
export function continued(lines: LogLines, { items, next }: LogPage): LogLines {
  const fresh = newOf(lines, items);
  const missed = next === null ? 0 : Math.max(1, lines.missed - fresh.length);
  return withoutOldest({ ...lines, missed }, [...lines.shown, ...fresh]);
}

/** What was held back takes its place. */
export function resumed(lines: LogLines): LogLines {
  if (lines.held.length === 0) return lines;
  return withoutOldest({ ...lines, held: [] }, [...lines.shown, ...lines.held]);
}
