import { useSyncExternalStore } from "react";

// Times in the person's own zone and language: relative in a line, exact on hover.

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

// One clock for the page, so that all relative times move together.
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time in steps of `stepMs`, so that a view is drawn again only when its words may change. */
export function useNow(stepMs: number = minute): number {
  return useSyncExternalStore(subscribe, () => Math.floor(now / stepMs) * stepMs);
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** "now", "4m", "3h", then the weekday, then the date. */
export function relativeTime(time: number, at: number): string {
  const age = at - time;
  if (age < minute) return "now";
  if (age < hour) return `${String(Math.floor(age / minute))}m`;
  if (age < 12 * hour) return `${String(Math.floor(age / hour))}h`;
  const date = new Date(time);
  const days = Math.round((startOfDay(at) - startOfDay(time)) / day);
  if (days === 0) return `${String(Math.floor(age / hour))}h`;
  if (days < 7) return date.toLocaleDateString(undefined, { weekday: "short" });
  const sameYear = date.getFullYear() === new Date(at).getFullYear();
  return date.toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

export function exactTime(time: number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" });
}

/** "Today", "Yesterday", else the day. */
export function dayName(time: number, at: number): string {
  const days = Math.round((startOfDay(at) - startOfDay(time)) / day);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = new Date(time).getFullYear() === new Date(at).getFullYear();
  return new Date(time).toLocaleDateString(undefined, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

export function isSameDay(a: number, b: number): boolean {
  return startOfDay(a) === startOfDay(b);
}

/** "0.4 s", "12 s", "3 min 20 s". */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const rest = seconds % 60;
  return `${String(Math.floor(seconds / 60))} min${rest ? ` ${String(rest)} s` : ""}`;
}

/** "34 s", "5 min", "1 min 5 s". */
export function wholeSeconds(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  return `${String(Math.floor(seconds / 60))} min${seconds % 60 ? ` ${String(seconds % 60)} s` : ""}`;
}

/** "1:06": what a running thing shows. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "0:42", "2 h 5 min", "3 d 4 h": how long somebody has waited, or has left. */
export function waited(ms: number): string {
  if (ms < hour) return clock(ms);
  const minutes = Math.floor(ms / minute);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${String(hours)} h${minutes % 60 ? ` ${String(minutes % 60)} min` : ""}`;
  return `${String(Math.floor(hours / 24))} d${hours % 24 ? ` ${String(hours % 24)} h` : ""}`;
}

export function RelativeTime({ at, className = "" }: { at: string; className?: string }) {
  const current = useNow();
  const time = Date.parse(at);
  // The shared clock moves in steps; a message may be newer than its last one.
  return (
    <time dateTime={at} title={exactTime(time)} className={`text-micro text-oma-subtle ${className}`}>
      {relativeTime(time, Math.max(current, time))}
    </time>
  );
}

export function Elapsed({ since }: { since: number }) {
  const current = useNow(1000);
  return <span className="font-mono text-micro tabular-nums">{clock(current - since)}</span>;
}

/** How long something has gone on, in words that stay short over hours. */
export function Lasting({ since }: { since: string }) {
  const current = useNow(1000);
  return (
    <span className="font-mono text-micro tabular-nums">
      {waited(Math.max(0, current - Date.parse(since)))}
    </span>
  );
}
