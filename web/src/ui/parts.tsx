import { Check, Copy, Hand } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { IconButton } from "./button";

// Small parts that say who and how it stands.

/** An agent's role, in its colour. */
export function RoleBadge({ role }: { role: string }) {
  return (
    <span
      className={`is-${role} tint inline-flex h-[18px] items-center rounded-full px-[7px] font-sans text-tiny font-medium tracking-[.015em] whitespace-nowrap`}
    >
      {role}
    </span>
  );
}

/** Live: a dot with a breathing ring. Hollow: asleep or over. Told by shape as well as by colour. */
export function Dot({ shape = "solid" }: { shape?: "solid" | "live" | "hollow" }) {
  if (shape === "hollow") {
    return <span className="size-[7px] flex-none rounded-full shadow-[inset_0_0_0_1.5px_var(--accent)]" />;
  }
  return (
    <span className="relative size-[7px] flex-none rounded-full bg-accent">
      {shape === "live" && (
        <span className="absolute -inset-1 animate-breathe rounded-full border-[1.5px] border-accent opacity-50" />
      )}
    </span>
  );
}

/** The one filled pill: a person must act. `small` is the hand alone, where words stand beside it. */
export function NeedsYou({ small = false }: { small?: boolean }) {
  return (
    <span
      role={small ? "img" : undefined}
      aria-label={small ? "Needs you" : undefined}
      className={`inline-flex flex-none items-center gap-[5px] rounded-full bg-oma-needs text-micro leading-none font-semibold whitespace-nowrap text-oma-on-needs ${small ? "size-[18px] justify-center" : "h-5 pr-2 pl-1.5"}`}
    >
      <Hand size={small ? 12 : 13} strokeWidth={2} aria-hidden="true" />
      {!small && "Needs you"}
    </span>
  );
}

/** How much there is to read. */
export function Unread({ count, className = "" }: { count: number; className?: string }) {
  return (
    <span
      className={`inline-grid h-5 min-w-5 place-items-center rounded-full bg-oma-action px-1.5 font-sans text-tiny leading-none font-semibold text-oma-on-action ${className}`}
    >
      <span aria-hidden="true">{count < 100 ? count : "99+"}</span>
      <span className="sr-only">{count < 100 ? count : "Many"} unread</span>
    </span>
  );
}

/** A ring that turns, in the role's colour. */
export function Spinner() {
  return (
    <span className="size-3.5 flex-none animate-spin rounded-full border-[1.75px] border-oma-line-bright border-t-[var(--accent,var(--oma-gold))]" />
  );
}

/** Copies a text and says that it did. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => {
      setCopied(false);
    }, 1600);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  return (
    <IconButton
      small
      label={copied ? "Copied" : label}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setCopied(true);
        });
      }}
    >
      {copied ? <Check size={14} className="text-oma-success-ink" /> : <Copy size={14} />}
    </IconButton>
  );
}

/** A command to run elsewhere, or another line to take along, with its copy button. */
export function Command({ text, label = "Copy command" }: { text: string; label?: string }) {
  return (
    <div className="flex min-w-0 items-center gap-2 rounded-[9px] border border-oma-line bg-oma-well py-[5px] pr-[5px] pl-3 font-mono text-micro leading-[18px]">
      <code className="min-w-0 flex-1 overflow-x-auto whitespace-pre">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** Skeletons come after 150 ms: what is quick shows nothing in between. */
export function Delayed({ children }: { children: ReactNode }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setDue(true);
    }, 150);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return due ? children : null;
}
