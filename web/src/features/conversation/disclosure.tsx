import { createContext, useContext, useMemo, useSyncExternalStore, type ReactNode } from "react";

// Which folds are open. Kept outside the rows: a row that scrolls away and back is drawn anew.

export class Disclosures {
  private readonly open = new Map<string, boolean>();
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get(key: string): boolean | undefined {
    return this.open.get(key);
  }

  set(keys: string[], open: boolean): void {
    for (const key of keys) this.open.set(key, open);
    for (const listener of this.listeners) listener();
  }
}

const Context = createContext(new Disclosures());

export function DisclosureProvider({ value, children }: { value: Disclosures; children: ReactNode }) {
  return <Context value={value}>{children}</Context>;
}

/** Whether a fold is open, and its switch. Until a person decides, `initially` does. */
export function useDisclosure(key: string, initially: boolean): [boolean, () => void] {
  const disclosures = useContext(Context);
  const open = useSyncExternalStore(disclosures.subscribe, () => disclosures.get(key)) ?? initially;
  const toggle = useMemo(
    () => () => {
      disclosures.set([key], !(disclosures.get(key) ?? initially));
    },
    [disclosures, key, initially],
  );
  return [open, toggle];
}
