import { Check, ChevronUp, Clock } from "lucide-react";
import { useState } from "react";
import type { Waiting } from "./waiting";
import { WaitingRow } from "./waiting_row";
import type { WaitingActions } from "./use_waiting";

function words(waiting: Waiting[], agent: string): string {
  const held = waiting.filter(({ state }) => state === "held").length;
  if (held === waiting.length) return `${agent} gets ${held > 1 ? "them" : "it"} when the turn is over`;
  if (held > 0) return `in this order after this step, ${String(held)} when the turn is over`;
  return waiting.length > 1
    ? `${agent} takes them in this order after this step`
    : `${agent} takes it after this step`;
}

/** What waits for the agent, in the order in which it will be taken. On the phone it folds to one row. */
export function WaitingTray({
  waiting,
  agent,
  actions,
  editing,
  onEdit,
  onLateEdit,
}: {
  waiting: Waiting[];
  agent: string;
  actions: WaitingActions;
  editing: string | null;
  onEdit: (id: string | null) => void;
  /** A change came too late: what was written must go somewhere. */
  onLateEdit: (content: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const [dragged, setDragged] = useState<string | null>(null);
  if (waiting.length === 0) return null;
  const stored = waiting.every(({ state }) => state !== "sending");
  const shown = open || editing !== null;
  return (
    <section aria-label="Waiting messages" className="border-b border-oma-line px-2 pt-2 pb-1.5">
      <button
        type="button"
        aria-expanded={shown}
        onClick={() => {
          setOpen(!shown);
          onEdit(null);
        }}
        className="hidden min-h-9 w-full items-center gap-2 px-2 text-left text-oma-muted max-desk:flex"
      >
        <Clock size={14} aria-hidden="true" />
        <span className="flex-1">
          <b className="font-medium text-oma-text">{waiting.length} waiting</b> after this step
        </span>
        <ChevronUp
          size={14}
          className={`transition-transform duration-150 ${shown ? "rotate-180" : ""}`}
          aria-hidden="true"
        />
      </button>
      <div className="flex items-center gap-2 px-2 pt-0.5 pb-1.5 text-small text-oma-muted max-desk:hidden">
        <span className="min-w-0 flex-1 truncate">
          <b className="font-medium text-oma-text">{waiting.length} waiting</b> · {words(waiting, agent)}
        </span>
        <span className="flex items-center gap-1.5 text-micro text-oma-subtle">
          {stored ? <Check size={14} aria-hidden="true" /> : <Clock size={14} aria-hidden="true" />}
          {stored ? "Stored" : "Sending"}
        </span>
      </div>
      <ol className={`max-h-[40vh] overflow-y-auto ${shown ? "" : "max-desk:hidden"}`}>
        {waiting.map((message, index) => (
          <WaitingRow
            key={message.id}
            message={message}
            at={index}
            count={waiting.length}
            actions={actions}
            editing={editing === message.id}
            onEdit={onEdit}
            onLateEdit={onLateEdit}
            dragged={dragged}
            onDrag={setDragged}
          />
        ))}
      </ol>
    </section>
  );
}
