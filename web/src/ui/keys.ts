import { useEffect, useRef } from "react";

// The page's keyboard: views add their keys while they are on screen, and the sheet lists exactly those.

export type Key = {
  /** As on the key cap, in order: ["Ctrl", "K"], ["G", "P"], ["Shift", "T"], ["?"], ["Space"]. */
  keys: string[];
  does: string;
  group: "Anywhere" | "Conversation" | "Reading" | "Log";
  run: () => void;
};

const active = new Set<Key>();
const offKey = "omakase.single-keys-off";
const chordMs = 1200;
let chord: { first: string; at: number } | null = null;

export const singleKeys = {
  on: (): boolean => localStorage.getItem(offKey) === null,
  set: (on: boolean): void => {
    if (on) localStorage.removeItem(offKey);
    else localStorage.setItem(offKey, "1");
  },
};

export function listKeys(): Key[] {
  return [...active];
}

/** Adds keys while the calling view is mounted; always runs the newest closures. */
export function useKeys(keys: Key[]): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  const shape = keys.map((key) => `${key.keys.join("+")}:${key.does}`).join();
  useEffect(() => {
    const added = latest.current.map((key, index) => ({ ...key, run: () => latest.current[index]?.run() }));
    for (const key of added) active.add(key);
    return () => {
      for (const key of added) active.delete(key);
    };
  }, [shape]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Space presses what has the focus, where that can be pressed. */
function isPressing(event: KeyboardEvent): boolean {
  return (
    event.key === " " &&
    event.target instanceof Element &&
    event.target.closest("button,a,summary,[role=option]") !== null
  );
}

function matches(keys: string[], event: KeyboardEvent): boolean {
  const [first = "", second = ""] = keys;
  const name = event.key === " " ? "SPACE" : event.key.toUpperCase();
  if (first === "Ctrl") return (event.ctrlKey || event.metaKey) && name === second;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (first === "Shift") return event.shiftKey && name === second;
  if (keys.length === 2)
    return chord?.first === first && event.timeStamp - chord.at < chordMs && name === second;
  return name === first.toUpperCase();
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const withControl = event.ctrlKey || event.metaKey;
  if (!withControl && (isTyping(event.target) || !singleKeys.on())) return;
  const inDialog =
    event.target instanceof Element && event.target.closest("[role=dialog],[role=menu]") !== null;
  if ((inDialog && !withControl) || isPressing(event)) return;
  const key = [...active].reverse().find((candidate) => matches(candidate.keys, event));
  const starts = [...active].some(
    (candidate) => candidate.keys.length === 2 && candidate.keys[0] === event.key.toUpperCase(),
  );
  chord = !key && starts ? { first: event.key.toUpperCase(), at: event.timeStamp } : null;
  if (!key) return;
  event.preventDefault();
  key.run();
}
