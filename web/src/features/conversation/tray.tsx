import { Check, ChevronUp, Clock } from "lucide-react";
import { useState } from "react";
import { showHidden } from "../../ui/plain_text";
import type { Waiting } from "./rows";

/** What waits for the agent, in the order in which it will be taken. On the phone it folds to one row. */
export function WaitingTray({ waiting, agent }: { waiting: Waiting[]; agent: string }) {
  const [open, setOpen] = useState(false);
  if (waiting.length === 0) return null;
  const stored = waiting.every((message) => message.stored);
  return (
    <section aria-label="Waiting messages" className="border-b border-oma-line px-2 pt-2 pb-1.5">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
        }}
        className="hidden min-h-9 w-full items-center gap-2 px-2 text-left text-oma-muted max-desk:flex"
      >
        <Clock size={14} aria-hidden="true" />
        <span className="flex-1">
          <b className="font-medium text-oma-text">{waiting.length} waiting</b> after this step
        </span>
        <ChevronUp size={14} className={open ? "rotate-180" : ""} aria-hidden="true" />
      </button>
      <div className="flex items-center gap-2 px-2 pt-0.5 pb-1.5 text-small text-oma-muted max-desk:hidden">
        <span className="flex-1">
          <b className="font-medium text-oma-text">{waiting.length} waiting</b>
          {waiting.length > 1
            ? ` · ${agent} takes them in this order after this step`
            : ` · ${agent} takes it after this step`}
        </span>
        <span className="flex items-center gap-1.5 text-micro text-oma-subtle">
          {stored ? <Check size={14} aria-hidden="true" /> : <Clock size={14} aria-hidden="true" />}
          {stored ? "Stored" : "Sending"}
        </span>
      </div>
      <ol className={open ? "" : "max-desk:hidden"}>
        {waiting.map((message, index) => (
          <li
            key={message.id}
            className="grid min-h-9 animate-fade grid-cols-[18px_minmax(0,1fr)] items-center gap-2 rounded-md py-1 pr-2 pl-1.5"
          >
            <span className="text-center font-mono text-micro text-oma-subtle" aria-hidden="true">
              {index + 1}
            </span>
            <span className="truncate" title={message.content}>
              {showHidden(message.content)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
