import { useRef, type MouseEvent, type PointerEvent, type RefObject } from "react";

// The chat's sheet on the phone follows the finger at its grip and its head: up, it takes the whole page; down, it goes back
// to its place, and from there away.

/** A finger that moves less than this only touches. */
const slackPx = 6;
const settlePx = 48;
const closePx = 120;
/** A flick counts without its way: pixels in a millisecond. */
const flick = 0.5;

type Drag = { id: number; y: number; at: number; moved: boolean };

/** What a sheet does when it is let go `by` so far from where it was taken; pure. */
export function afterDrag(
  full: boolean,
  by: number,
  speed: number,
  height: number,
): "full" | "sheet" | "close" {
  if (by < -settlePx || (by < -slackPx && speed < -flick)) return "full";
  const flicked = by > slackPx && speed > flick;
  if (full) return by > height / 2 ? "close" : by > settlePx || flicked ? "sheet" : "full";
  return by > closePx || flicked ? "close" : "sheet";
}

export function useSheetDrag(
  sheetRef: RefObject<HTMLElement | null>,
  full: boolean,
  onEnd: (result: ReturnType<typeof afterDrag>) => void,
) {
  const drag = useRef<Drag | null>(null);
  const dragged = useRef(false);
  const show = (by: number | null) => {
    const box = sheetRef.current;
    if (!box) return;
    box.style.transition = by === null ? "" : "none";
    // Down, it is moved as it is; up, it grows.
    box.style.translate = by !== null && by > 0 ? `0 ${String(by)}px` : "";
    box.style.top = by !== null && by < 0 && !full ? `max(0px, 60px - ${String(-by)}px)` : "";
  };
  const end = (event: PointerEvent, cancelled: boolean) => {
    const current = drag.current;
    if (current?.id !== event.pointerId) return;
    drag.current = null;
    dragged.current = current.moved;
    show(null);
    if (!current.moved || cancelled) return;
    const by = event.clientY - current.y;
    onEnd(afterDrag(full, by, by / Math.max(1, event.timeStamp - current.at), window.innerHeight));
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      const { target } = event;
      dragged.current = false;
      if (!event.isPrimary || event.button !== 0 || !(target instanceof Element)) return;
      // At the desk the panel stands where it stands.
      if (!target.closest("[data-drag]") || !matchMedia("(width < 761px)").matches) return;
      drag.current = { id: event.pointerId, y: event.clientY, at: event.timeStamp, moved: false };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const current = drag.current;
      if (current?.id !== event.pointerId) return;
      const by = event.clientY - current.y;
      if (!current.moved && Math.abs(by) < slackPx) return;
      if (!current.moved) event.currentTarget.setPointerCapture(event.pointerId);
      current.moved = true;
      show(by);
    },
    onPointerUp: (event: PointerEvent) => {
      end(event, false);
    },
    onPointerCancel: (event: PointerEvent) => {
      end(event, true);
    },
    // The finger that let a button go after a drag has not pressed it; a key has.
    onClickCapture: (event: MouseEvent) => {
      if (!dragged.current || event.detail === 0) return;
      dragged.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
