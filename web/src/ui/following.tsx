import { ArrowDown } from "lucide-react";
import {
  useEffect,
  useLayoutEffect,
  useRef,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  type TouchEvent,
  type WheelEvent,
} from "react";

// A list that follows its end while the reader is there; whoever scrolls up is never moved.

/** How near the end counts as the end. */
export const endPx = 4;

type List = { scrollToEnd: () => void };

/** A place that the list is held at until its reader moves; `place` is null when there is none. */
export type Hold = { readonly place: unknown; release: () => void };

const noHold: Hold = { place: null, release: () => undefined };

/**
 * Keeps the end in view until the reader turns upwards, whatever grows: rows, the composer, a banner. The wish to
 * read is taken from the wheel, the finger and the keys, since a scroll position alone does not tell who moved it.
 */
export function useFollowing(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  list: List,
  rows: unknown,
  setFollowing: (follows: boolean) => void,
  hold: Hold = noHold,
  startsAtEnd = true,
) {
  const wanted = useRef(startsAtEnd);
  const touchY = useRef(0);
  const last = useRef({ top: 0, height: 0 });
  const set = (follows: boolean) => {
    wanted.current = follows;
    setFollowing(follows);
  };
  useLayoutEffect(() => {
    if (wanted.current) list.scrollToEnd();
  }, [list, rows]);
  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (!box || !inner) return;
    const observer = new ResizeObserver(() => {
      if (wanted.current) list.scrollToEnd();
      else if (!hold.place && box.scrollHeight - box.scrollTop - box.clientHeight <= endPx) {
        wanted.current = true;
        setFollowing(true);
      }
    });
    observer.observe(box);
    observer.observe(inner);
    return () => {
      observer.disconnect();
    };
  }, [scroller, content, list, setFollowing, hold]);
  const scrolls = () =>
    scroller.current !== null && scroller.current.scrollHeight > scroller.current.clientHeight;
  const leave = () => {
    if (wanted.current && scrolls()) set(false);
  };
  return {
    leave: () => {
      hold.release();
      leave();
    },
    /** The list is brought elsewhere: its reader has not moved. */
    leaveEnd: () => {
      set(false);
    },
    isFollowing: () => wanted.current,
    follow: () => {
      hold.release();
      set(true);
      list.scrollToEnd();
    },
    onScroll: () => {
      const box = scroller.current;
      if (!box) return;
      const { scrollTop, scrollHeight, clientHeight } = box;
      // Only a reader moves up in a list that has not become shorter.
      if (scrollTop < last.current.top - 1 && scrollHeight >= last.current.height) leave();
      if (scrollHeight - scrollTop - clientHeight <= endPx && !wanted.current && !hold.place) set(true);
      last.current = { top: scrollTop, height: scrollHeight };
    },
    intent: {
      onPointerDown: () => {
        hold.release();
      },
      onWheel: (event: WheelEvent) => {
        hold.release();
        if (event.deltaY < 0) leave();
      },
      onTouchStart: (event: TouchEvent) => {
        touchY.current = event.touches[0]?.clientY ?? 0;
      },
      onTouchMove: (event: TouchEvent) => {
        if ((event.touches[0]?.clientY ?? 0) > touchY.current) leave();
      },
      // What a reader opens stays where they look, and grows below.
      onClickCapture: (event: MouseEvent) => {
        const fold = event.target instanceof Element && event.target.closest("[aria-expanded]");
        // A menu grows over the page, not in it.
        if (fold && !fold.hasAttribute("aria-haspopup")) leave();
      },
      onKeyDown: (event: KeyboardEvent) => {
        hold.release();
        if (["ArrowUp", "PageUp", "Home"].includes(event.key)) leave();
      },
    },
  };
}

/** A reader who stands at the very top when the page before comes stays with the row they were at. */
export function useHeldTop(
  scroller: RefObject<HTMLDivElement | null>,
  list: { scrollToIndex: (index: number, options: { align: "start" }) => void },
  following: boolean,
  topKey: string | null,
  indexOf: (key: string | null) => number,
) {
  const oldTop = useRef(topKey);
  useLayoutEffect(() => {
    const before = oldTop.current;
    oldTop.current = topKey;
    if (before === topKey || following || (scroller.current?.scrollTop ?? 0) >= 1) return;
    const index = indexOf(before);
    if (index > 0) list.scrollToIndex(index, { align: "start" });
  });
}

/** The pill over the foot of a list that its reader has left. */
export function JumpDown({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <div className="pointer-events-none relative z-4 h-0">
      <button
        type="button"
        onClick={onClick}
        className="veil pointer-events-auto absolute bottom-2.5 left-1/2 inline-flex h-8 -translate-x-1/2 animate-fade items-center gap-2 rounded-full border border-oma-line-bright pr-3.5 pl-2.5 text-small font-medium whitespace-nowrap shadow-[var(--oma-shadow)] max-desk:h-11"
      >
        <ArrowDown size={14} aria-hidden="true" />
        {children}
      </button>
    </div>
  );
}
