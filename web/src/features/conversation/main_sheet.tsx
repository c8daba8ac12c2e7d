import type { ReactNode } from "react";

/** The sheet that a conversation stands on; on the phone the whole screen. */
export function MainSheet({ children }: { children: ReactNode }) {
  return (
    <main className="sheet relative flex h-full min-h-0 min-w-0 flex-1 flex-col overflow-hidden max-desk:h-dvh max-desk:rounded-none max-desk:border-0 max-desk:shadow-none">
      {children}
    </main>
  );
}
