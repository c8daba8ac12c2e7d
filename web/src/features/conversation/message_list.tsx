import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { endPx, JumpDown, useFollowing, useHeldTop } from "../../ui/following";
import { useKeys } from "../../ui/keys";
import { useNeedsYouStop } from "../../ui/needs_you";
import { NeedsYou } from "../../ui/parts";
import type { Row } from "./rows";
import { KeptPlace, usePlace } from "./use_place";

// The conversation's rows, of which only those near the window exist. It follows its end while the reader is
// there; whoever scrolls up is never moved, and a pill counts what came meanwhile.

const estimates: Record<Row["kind"], number> = {
  day: 34,
  setup: 60,
  person: 110,
  text: 140,
  tools: 80,
  permission: 220,
  status: 36,
  error: 90,
  typing: 80,
};
/** From here up the page before is asked for. */
const earlierPx = 600;

function isContinued(row: Row): boolean {
  return "first" in row && !row.first;
}

/** What counts as a new message for the pill. */
function isNews(row: Row): boolean {
  return row.kind === "text" || row.kind === "person" || row.kind === "error" || row.kind === "permission";
}

export function MessageList({
  threadId,
  rows,
  render,
  onEarlier,
  hasEarlier,
  sought,
}: {
  threadId: string;
  rows: Row[];
  /** The message that a reader was led to. */
  sought: string | null;
  render: (row: Row) => ReactNode;
  onEarlier: () => void;
  hasEarlier: boolean;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [kept] = useState(() => new KeptPlace(threadId, sought));
  const [following, setFollowing] = useState(() => !kept.isIn(rows));
  // eslint-disable-next-line react-hooks/incompatible-library -- the list is not memoised by a compiler here
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimates[rows[index]?.kind ?? "text"],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
    paddingStart: 20,
    paddingEnd: 26,
    anchorTo: "end",
    followOnAppend: true,
    // Below zero nothing counts as the end: only who follows is taken along.
    scrollEndThreshold: following ? endPx : -1,
  });

  const { follow, leave, leaveEnd, isFollowing, onScroll, intent } = useFollowing(
    scroller,
    content,
    list,
    rows,
    setFollowing,
    kept,
    following,
  );
  // What a reader sends brings them to the end, where it stands.
  const sent = useRef<string | null>(null);
  useLayoutEffect(() => {
    const newest = rows.at(-1);
    if (newest?.kind !== "person" || newest.receipt !== "sending" || newest.id === sent.current) return;
    sent.current = newest.id;
    follow();
  });
  const topKey = rows.find(({ kind }) => kind !== "day")?.key ?? null;
  useHeldTop(scroller, list, following, topKey, (key) => rows.findIndex((row) => row.key === key));
  const keepPlace = usePlace({
    kept,
    rows,
    list,
    following: isFollowing,
    leaveEnd,
    earlier: hasEarlier ? onEarlier : null,
  });
  useSought(scroller, sought);
  const lastKey = rows.at(-1)?.key ?? null;
  // The last row that was there while the reader was at the end: what comes after it is new.
  const [readKey, setReadKey] = useState(lastKey);
  if (following && readKey !== lastKey) setReadKey(lastKey);

  const focus = useRowFocus(rows, scroller, (index) => {
    leave();
    list.scrollToIndex(index, { align: "auto" });
  });
  useKeys([
    {
      keys: ["J"],
      does: "Next message",
      group: "Reading",
      run: () => {
        focus(1);
      },
    },
    {
      keys: ["K"],
      does: "Previous message",
      group: "Reading",
      run: () => {
        focus(-1);
      },
    },
    { keys: ["End"], does: "Newest message", group: "Reading", run: follow },
  ]);

  const asking = rows.some((row) => row.kind === "permission");
  useNeedsYouStop(
    asking
      ? () => {
          const card = () => scroller.current?.querySelector<HTMLElement>("[data-stop]");
          if (card()?.contains(document.activeElement)) return false;
          follow();
          const there = card();
          if (there) there.focus();
          else requestAnimationFrame(() => card()?.focus());
          return true;
        }
      : null,
  );

  const readIndex = rows.findIndex((row) => row.key === readKey);
  const unread = following || readIndex < 0 ? 0 : rows.slice(readIndex + 1).filter(isNews).length;

  return (
    <>
      <div
        ref={scroller}
        onScroll={(event) => {
          onScroll();
          keepPlace(event.currentTarget.scrollTop);
          if (event.currentTarget.scrollTop < earlierPx && hasEarlier) onEarlier();
        }}
        {...intent}
        role="log"
        aria-label="Conversation"
        aria-live="off"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
        tabIndex={0}
        className="fade-out-below min-h-0 flex-1 overflow-y-auto overscroll-contain px-6 focus-visible:-outline-offset-2 max-desk:px-3.5"
      >
        <div ref={content} className="relative mx-auto max-w-[700px]" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                data-index={item.index}
                data-row={row.key}
                ref={list.measureElement}
                className={`absolute inset-x-0 top-0 ${row.key === sought ? "sought" : ""} ${item.index === 0 ? "" : isContinued(row) ? "pt-2" : "pt-[18px]"}`}
                style={{ transform: `translateY(${String(item.start)}px)` }}
              >
                {render(row)}
              </div>
            );
          })}
        </div>
      </div>
      {!following && (
        <JumpDown onClick={follow}>
          {asking ? (
            <NeedsYou />
          ) : unread > 0 ? (
            <>
              New messages <span className="font-mono text-micro">{unread}</span>
            </>
          ) : (
            "Newest"
          )}
        </JumpDown>
      )}
    </>
  );
}

/** The keyboard goes on from the message that its reader was led to. */
function useSought(scroller: RefObject<HTMLDivElement | null>, sought: string | null): void {
  const there = useRef(false);
  useEffect(() => {
    if (sought === null || there.current) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(sought)}"]`);
    if (!row) return;
    there.current = true;
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
  });
}

/** Moves the focus from message to message. */
function useRowFocus(
  rows: Row[],
  scroller: RefObject<HTMLDivElement | null>,
  reveal: (index: number) => void,
): (step: 1 | -1) => void {
  const current = useRef<string | null>(null);
  return (step) => {
    const stops = rows.flatMap((row, index) =>
      row.kind === "person" ||
      row.kind === "error" ||
      row.kind === "permission" ||
      (row.kind === "text" && row.first)
        ? [index]
        : [],
    );
    const at = rows.findIndex((row) => row.key === current.current);
    const next =
      at < 0
        ? stops.at(-1)
        : step > 0
          ? stops.find((stop) => stop > at)
          : stops.findLast((stop) => stop < at);
    const row = next === undefined ? undefined : rows[next];
    if (next === undefined || !row) return;
    current.current = row.key;
    reveal(next);
    requestAnimationFrame(() => {
      const box = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.key)}"]`);
      if (!box) return;
      box.tabIndex = -1;
      box.focus({ preventScroll: true });
    });
  };
}
