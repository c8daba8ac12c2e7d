import { useEffect, useRef } from "react";

// The way to what needs a person on the page that is open. A view that shows such a thing registers how to get to
// it; whoever looks for the next one asks here first, and looks on other pages when there is nothing new here.

type Stop = () => boolean;

const stops = new Set<Stop>();
const wishMs = 5000;
let wishedAt: number | null = null;

/** `focus` brings the person there; false when they are there already. Null while nothing needs them. */
export function useNeedsYouStop(focus: Stop | null): void {
  const latest = useRef(focus);
  useEffect(() => {
    latest.current = focus;
  });
  const here = focus !== null;
  useEffect(() => {
    if (!here) return;
    const stop = () => latest.current?.() ?? false;
    stops.add(stop);
    if (wishedAt !== null && performance.now() - wishedAt < wishMs) stop();
    wishedAt = null;
    return () => {
      stops.delete(stop);
    };
  }, [here]);
}

/** Goes to what needs the person on this page. False when there is nothing, or they stand at it. */
export function goToStop(): boolean {
  return [...stops].some((stop) => stop());
}

/** The next page will have a stop: it is to be gone to as soon as it is there. */
export function wishForStop(): void {
  wishedAt = performance.now();
}
