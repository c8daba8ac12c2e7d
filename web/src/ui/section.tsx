import { useId, type ReactNode } from "react";

/** One matter of the settings: what it is about, what it means, and its controls. */
export function Section({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="sheet px-6 py-5 max-desk:px-4">
      <h2 id={id} className="font-serif text-h3">
        {title}
      </h2>
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
