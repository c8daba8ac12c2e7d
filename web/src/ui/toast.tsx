import { X } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { Button, IconButton } from "./button";

// One line at the foot of the page: what was done, and how to take it back.

type Toast = { text: string; undo?: () => void };

let current: Toast | null = null;
const listeners = new Set<() => void>();

function set(toast: Toast | null): void {
  current = toast;
  for (const listener of listeners) listener();
}

export function showToast(text: string, undo?: () => void): void {
  set({ text, ...(undo ? { undo } : {}) });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const shownMs = 8000;

export function Toasts() {
  const toast = useSyncExternalStore(subscribe, () => current);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => {
      if (current === toast) set(null);
    }, shownMs);
    return () => {
      clearTimeout(timer);
    };
  }, [toast]);
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-6 z-50 flex justify-center px-4 max-desk:bottom-24"
    >
      {toast && (
        <div className="raised pointer-events-auto flex animate-rise items-center gap-2 rounded-lg py-1.5 pr-1.5 pl-4">
          <span>{toast.text}</span>
          {toast.undo && (
            <Button
              kind="ghost"
              size="small"
              onClick={() => {
                toast.undo?.();
                set(null);
              }}
            >
              Undo
            </Button>
          )}
          <IconButton
            small
            label="Dismiss"
            onClick={() => {
              set(null);
            }}
          >
            <X size={14} />
          </IconButton>
        </div>
      )}
    </div>
  );
}
