import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useKeys } from "../../ui/keys";
import type { Row } from "./rows";

// The conversation's rows, of which only those near the window exist. It follows its end while the reader is
// there; whoever scrolls up is never moved, and a pill counts what came meanwhile.

const estimates: Record<Row["kind"], number> = {
  day: 34,
  setup: 60,
  person: 110,
  text: 140,
  tools: 80,
  status: 36,
  error: 90,
  typing: 80,
};
/** How near the end counts as the end. */
const endPx = 60;
/** From here up the page before is asked for. */
const earlierPx = 600;

function isContinued(row: Row): boolean {
  return (row.kind === "text" || row.kind === "tools" || row.kind === "typing") && !row.first;
}

/** What counts as a new message for the pill. */
function isNews(row: Row): boolean {
  return row.kind === "text" || row.kind === "person" || row.kind === "error";
}

export function MessageList({
  rows,
  render,
  onEarlier,
  hasEarlier,
}: {
  rows: Row[];
  render: (row: Row) => ReactNode;
  onEarlier: () => void;
  hasEarlier: boolean;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [readKey, setReadKey] = useState<string | null>(null);
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
    scrollEndThreshold: endPx,
  });

  // A long history shows its end first.
  const opened = useRef(false);
  useLayoutEffect(() => {
    if (opened.current || rows.length === 0) return;
    opened.current = true;
    list.scrollToEnd();
  }, [list, rows.length]);

  const lastKey = rows.at(-1)?.key ?? null;
  useEffect(() => {
    if (atEnd) setReadKey(lastKey);
  }, [atEnd, lastKey]);

  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight <= endPx);
    if (box.scrollTop < earlierPx && hasEarlier) onEarlier();
  };
  const toEnd = () => {
    list.scrollToEnd();
    setAtEnd(true);
  };
  const focus = useRowFocus(rows, scroller, (index) => {
    list.scrollToIndex(index, { align: "auto" });
  });
  useKeys([
    {
      keys: ["J"],
      does: "Next message",
      group: "Conversation",
      run: () => {
        focus(1);
      },
    },
    {
      keys: ["K"],
      does: "Previous message",
      group: "Conversation",
      run: () => {
        focus(-1);
      },
    },
    { keys: ["End"], does: "Newest message", group: "Conversation", run: toEnd },
  ]);

  const readIndex = rows.findIndex((row) => row.key === readKey);
  const unread = atEnd || readIndex < 0 ? 0 : rows.slice(readIndex + 1).filter(isNews).length;

  return (
    <>
      <div
        ref={scroller}
        onScroll={onScroll}
        role="log"
        aria-label="Conversation"
        aria-live="off"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
        tabIndex={0}
        className="fade-out-below min-h-0 flex-1 overflow-y-auto overscroll-contain px-6 focus-visible:-outline-offset-2 max-desk:px-3.5"
      >
        <div className="relative mx-auto max-w-[700px]" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                data-index={item.index}
                data-row={row.key}
                ref={list.measureElement}
                className={`absolute inset-x-0 top-0 ${item.index === 0 ? "" : isContinued(row) ? "pt-2" : "pt-[18px]"}`}
                style={{ transform: `translateY(${String(item.start)}px)` }}
              >
                {render(row)}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <div className="pointer-events-none relative z-4 h-0">
          <button
            type="button"
            onClick={toEnd}
            className="veil pointer-events-auto absolute bottom-2.5 left-1/2 inline-flex h-8 -translate-x-1/2 animate-fade items-center gap-2 rounded-full border border-oma-line-bright pr-3.5 pl-2.5 text-small font-medium shadow-[var(--oma-shadow)] max-desk:h-11"
          >
            <ArrowDown size={14} aria-hidden="true" />
            {unread > 0 ? (
              <>
                New messages <span className="font-mono text-micro">{unread}</span>
              </>
            ) : (
              "Newest"
            )}
          </button>
        </div>
      )}
    </>
  );
}

/** Moves the focus from message to message. */
function useRowFocus(
  rows: Row[],
  scroller: React.RefObject<HTMLDivElement | null>,
  reveal: (index: number) => void,
): (step: 1 | -1) => void {
  const current = useRef<string | null>(null);
  return (step) => {
    const stops = rows.flatMap((row, index) =>
      row.kind === "person" || row.kind === "error" || (row.kind === "text" && row.first) ? [index] : [],
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
