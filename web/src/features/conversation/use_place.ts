import { useLayoutEffect, useRef } from "react";
import type { Row } from "./rows";

// Where a reader was in a conversation, over a reload: which message stood at the top, and how much of it was above.
// Whoever was at the end has no place; the end is where a conversation opens.

type Place = { row: string; above: number };

const keyOf = (threadId: string) => `omakase.place.${threadId}`;

function readPlace(threadId: string): Place | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(threadId)) ?? "null") as Partial<Place> | null;
    return typeof kept?.row === "string" && typeof kept.above === "number"
      ? { row: kept.row, above: kept.above }
      : null;
  } catch {
    return null;
  }
}

function writePlace(threadId: string, place: Place | null): void {
  if (place) sessionStorage.setItem(keyOf(threadId), JSON.stringify(place));
  else sessionStorage.removeItem(keyOf(threadId));
}

/** So many pages back the message is looked for; further up a reader is not brought. */
const searchedPages = 15;

/** So much of what was said before a message that is sought stands above it. */
const shownAbove = 72;

/** What it needs of the virtualised list. */
export type PlacedList = {
  measurementsCache: readonly { start: number; size: number }[];
  getVirtualItemForOffset: (offset: number) => { index: number; start: number } | undefined;
  scrollToOffset: (offset: number) => void;
};

/** Where the reader of a thread is brought back to, until they move: rows are measured only while they are drawn. */
export class KeptPlace {
  private held: Place | null;

  /** `sought`: the message that a reader comes for, wherever they were before. */
  constructor(
    private readonly threadId: string,
    sought: string | null,
  ) {
    this.held = sought === null ? readPlace(threadId) : { row: sought, above: -shownAbove };
  }

  get place(): Place | null {
    return this.held;
  }

  isIn(rows: readonly Row[]): boolean {
    return rows.some(({ key }) => key === this.held?.row);
  }

  release(): void {
    this.held = null;
  }

  keep(place: Place | null): void {
    if (!this.held) writePlace(this.threadId, place);
  }
}

/** Brings a reader back to their place; what it gives keeps where they are now, for the next time. */
export function usePlace({
  kept,
  rows,
  list,
  following,
  leaveEnd,
  earlier,
}: {
  kept: KeptPlace;
  rows: Row[];
  list: PlacedList;
  following: () => boolean;
  leaveEnd: () => void;
  /** Asks for the page before; null when there is none. */
  earlier: (() => void) | null;
}) {
  const asked = useRef({ pages: 0, first: "" });
  // With every render: each measurement of a row is one.
  useLayoutEffect(() => {
    const { place } = kept;
    if (!place) return;
    const index = rows.findIndex(({ key }) => key === place.row);
    const item = list.measurementsCache[index];
    if (item) {
      if (following()) leaveEnd();
      list.scrollToOffset(item.start + Math.min(place.above, item.size));
      return;
    }
    const first = rows.find(({ kind }) => kind !== "day")?.key ?? "";
    if (asked.current.first === first) return;
    asked.current = { pages: asked.current.pages + 1, first };
    if (earlier && asked.current.pages <= searchedPages) earlier();
    else kept.release();
  });
  return (offset: number) => {
    const top = following() ? undefined : list.getVirtualItemForOffset(offset);
    // A day's line moves up when the page before it comes.
    const index = top && rows[top.index]?.kind === "day" ? top.index + 1 : (top?.index ?? -1);
    const [row, item] = [rows[index], list.measurementsCache[index]];
    kept.keep(row && item ? { row: row.key, above: Math.round(offset - item.start) } : null);
  };
}
