import { useId, type ReactNode } from "react";
import { Button } from "./button";

/** One matter of a page: what it is about, what it means, and its controls. */
export function Section({
  title,
  about,
  mark,
  actions,
  children,
}: {
  title: string;
  about?: ReactNode;
  /** A word on how it stands, beside its title. */
  mark?: ReactNode;
  /** What can be done about the whole of it. */
  actions?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="sheet px-6 py-5 max-desk:px-4">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <h2 id={id} className="font-serif text-h3">
          {title}
        </h2>
        {mark}
        {actions && <div className="ml-auto flex gap-1.5">{actions}</div>}
      </div>
      {about && <p className="mt-1 max-w-[600px] text-oma-muted">{about}</p>}
      <div className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-4">{children}</div>
    </section>
  );
}

/** A kept thing with what can be done about it. */
export function Kept({ children, actions }: { children: ReactNode; actions: ReactNode }) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-t border-oma-line py-1.5 first:border-t-0">
      <div className="flex min-w-0 flex-1 items-center gap-3">{children}</div>
      <div className="flex flex-none gap-1.5">{actions}</div>
    </div>
  );
}

/** What went wrong in it, with another try where that can help. */
export function Trouble({ onRetry, children }: { onRetry?: (() => void) | undefined; children: ReactNode }) {
  return (
    <p role="alert" className="flex items-center gap-2 text-small text-oma-error-ink">
      <span className="min-w-0">{children}</span>
      {onRetry && (
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      )}
    </p>
  );
}
