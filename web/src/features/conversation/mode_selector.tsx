import { Hammer } from "lucide-react";
import { useId, useState } from "react";

const reason =
  "Chat mode needs the read-only agent, which this version does not have yet. Work mode can answer too.";

/** Chat or work. Chat is there but off, and says why. */
export function ConversationModeSelector() {
  const [explained, setExplained] = useState(false);
  const reasonId = useId();
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <div
        role="radiogroup"
        aria-label="Mode"
        className="inline-flex flex-none rounded-[9px] bg-oma-select p-0.5 text-small font-medium"
      >
        <button
          type="button"
          role="radio"
          aria-checked="false"
          aria-disabled="true"
          aria-describedby={reasonId}
          title={reason}
          onClick={() => {
            setExplained(!explained);
          }}
          className="h-[26px] rounded-[7px] px-[11px] text-oma-subtle max-desk:h-9"
        >
          Chat
        </button>
        <button
          type="button"
          role="radio"
          aria-checked="true"
          className="inline-flex h-[26px] items-center gap-1.5 rounded-[7px] bg-oma-raised px-[11px] shadow-[inset_0_0_0_1px_var(--oma-glass-border)] max-desk:h-9 [:root.light_&]:bg-oma-elevated"
        >
          <Hammer size={14} aria-hidden="true" />
          Work
        </button>
      </div>
      <span
        id={reasonId}
        role="status"
        className={explained ? "min-w-0 text-micro text-oma-muted" : "sr-only"}
      >
        {reason}
      </span>
    </div>
  );
}
