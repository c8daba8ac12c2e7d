import { useEffect, useSyncExternalStore } from "react";

/**
 * A part of the page that is fetched when a view first wants it, and kept. The hook gives null until it is here;
 * a view shows something plain meanwhile. What could not be fetched is tried again with the next view.
 */
export function late<Part>(load: () => Promise<Part>) {
  const listeners = new Set<() => void>();
  let part: Part | null = null;
  let loading: Promise<void> | null = null;

  const fetchPart = (): Promise<void> => {
    loading ??= load().then(
      (loaded) => {
        part = loaded;
        for (const listener of listeners) listener();
      },
      () => {
        loading = null;
      },
    );
    return loading;
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const usePart = (wanted = true): Part | null => {
    const current = useSyncExternalStore(subscribe, () => part);
    useEffect(() => {
      if (wanted) void fetchPart();
    }, [wanted]);
    return wanted ? current : null;
  };
  return { fetchPart, usePart };
}
