import { useVirtualizer } from "@tanstack/react-virtual";
import {
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
} from "react";
import { teammateOf, useTeam } from "../../api/team";
import { endPx, JumpDown, useFollowing, useHeldTop } from "../../ui/following";
import { useKeys } from "../../ui/keys";
import { isSameDay } from "../../ui/time";
import type { LogFeed, LogSnapshot } from "./log_feed";
import { LogRow } from "./log_row";
import { countOf, rowsOf } from "./log_text";

// The lines, of which only those near the window exist. The list opens at its end and follows it while the reader is
// there; whoever scrolls up is never moved, and a pill counts what came meanwhile.

/** From here up the page before is asked for. */
const earlierPx = 1_500;
/** Below this width the text of a line stands under the rest. */
const stackedPx = 560;
const letterPx = 7.5;
/** How high a row is, what of its width is not text, and how many lines of text it shows folded. */
const shapes = {
  wide: { height: 22, other: 300, lines: 1 },
  stacked: { height: 52, other: 28, lines: 8 },
};

export function LogList({
  log,
  feed,
  q,
  atEnd,
  onAtEnd,
  onChat,
}: {
  log: LogSnapshot;
  feed: LogFeed;
  q: string;
  /** Whether the reader stands at the end, and who wants to know. */
  atEnd: boolean;
  onAtEnd: (atEnd: boolean) => void;
  /** How to open the chat of an agent; null where it has none. */
  onChat: (agentName: string) => (() => void) | null;
}) {
  const { shown, older } = log;
  const following = atEnd && log.missed === 0;
  const team = useTeam();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const stacked = width < stackedPx;
  const shape = shapes[stacked ? "stacked" : "wide"];
  const letters = Math.floor((width - shape.other) / letterPx);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => {
    setOpen((before) =>
      before.has(id) ? new Set([...before].filter((other) => other !== id)) : new Set([...before, id]),
    );
  };
  // eslint-disable-next-line react-hooks/incompatible-library -- the list is not memoised by a compiler here
  const list = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => shape.height,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 12,
    paddingStart: 8,
    paddingEnd: 8,
    anchorTo: "end",
    followOnAppend: true,
    // Below zero nothing counts as the end: only who follows is taken along.
    scrollEndThreshold: following ? endPx : -1,
  });
  const { follow, onScroll, intent } = useFollowing(scroller, content, list, shown, onAtEnd);
  const topId = shown[0]?.id ?? null;
  useHeldTop(scroller, list, following, topId, (id) => shown.findIndex((line) => line.id === id));
  const toNewest = () => {
    feed.toNewest();
    follow();
  };
  const held = log.paused ? log.held.length + log.missed : 0;
  const goOn = () => {
    feed.resume();
    follow();
  };
  useKeys([{ keys: ["End"], does: "Newest line", group: "Log", run: toNewest }]);
  // A page that leaves room, or that a search gave up early, is followed by the one before it.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || older === null || log.olderFailed) return;
    const above = following ? box.scrollHeight - box.clientHeight : box.scrollTop;
    if (above < earlierPx) void feed.loadOlder();
  }, [older, log.olderFailed, log.loadingOlder, following, feed]);

  const unread = useUnread(shown, following);
  const hears = {
    onKeyDown: (event: KeyboardEvent) => {
      intent.onKeyDown(event);
      // A chat beside the log has this key too.
      if (event.key !== "End") return;
      event.preventDefault();
      toNewest();
    },
    // A click on a long line opens it, unless it ends a selection.
    onClick: ({ target }: MouseEvent) => {
      if (!(target instanceof Element) || target.closest("button")) return;
      if (document.getSelection()?.isCollapsed === false) return;
      const id = target.closest<HTMLElement>("[data-long]")?.dataset.long;
      if (id !== undefined) toggle(id);
    },
  };
  return (
    <>
      <div
        ref={scroller}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          onScroll();
          if (scrollTop < earlierPx) void feed.loadOlder();
          if (scrollHeight - scrollTop - clientHeight < earlierPx) void feed.loadNewer();
        }}
        {...intent}
        {...hears}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
        tabIndex={0}
        className="min-h-0 grow basis-0 overflow-y-auto overscroll-contain focus-visible:-outline-offset-2"
      >
        <div ref={content} className="relative" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, key, start }) => {
            const line = shown[index];
            if (!line) return null;
            const before = shown[index - 1];
            const long = rowsOf(line, letters) > shape.lines;
            return (
              <div
                key={key}
                ref={list.measureElement}
                data-index={index}
                data-line={line.id}
                data-long={long ? line.id : undefined}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${String(start)}px)` }}
              >
                <LogRow
                  line={line}
                  agent={teammateOf(team, line.agentName)}
                  q={q}
                  startsDay={
                    before !== undefined &&
                    !isSameDay(Date.parse(before.timestamp), Date.parse(line.timestamp))
                  }
                  stacked={stacked}
                  long={long}
                  open={open.has(line.id)}
                  onToggle={() => {
                    toggle(line.id);
                  }}
                  onChat={onChat(line.agentName)}
                  stops={before?.agentName !== line.agentName}
                />
              </div>
            );
          })}
        </div>
      </div>
      {held > 0 ? (
        <JumpDown onClick={goOn}>Show {countOf(held, "new line")}</JumpDown>
      ) : (
        !following && (
          <JumpDown onClick={toNewest}>{unread > 0 ? countOf(unread, "new line") : "Newest"}</JumpDown>
        )
      )}
    </>
  );
}

/** How many lines came since the reader left the end. */
function useUnread(shown: LogSnapshot["shown"], following: boolean): number {
  const last = shown.at(-1)?.id ?? null;
  const [read, setRead] = useState(last);
  if (following && read !== last) setRead(last);
  const at = following ? -1 : shown.findLastIndex(({ id }) => id === read);
  return at < 0 ? 0 : shown.length - 1 - at;
}

function useWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const current = box.current;
    if (!current) return;
    const measure = () => {
      setWidth(current.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [box]);
  return width;
}
