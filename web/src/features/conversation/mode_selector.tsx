import { Hammer, MessageCircle } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import type { Mode } from "../../api/types";

const modes: { mode: Mode; name: string; icon: ReactNode; does: string }[] = [
  {
    mode: "chat",
    name: "Chat",
    icon: <MessageCircle size={14} aria-hidden="true" />,
    does: "Reads and searches the workspace, and changes nothing",
  },
  {
    mode: "work",
    name: "Work",
    icon: <Hammer size={14} aria-hidden="true" />,
    does: "Works in the workspace",
  },
];

/** Chat or work. The conversation stays the same one. */
export function ConversationModeSelector({ mode, onChange }: { mode: Mode; onChange: (mode: Mode) => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const other = event.currentTarget.querySelector<HTMLElement>("[aria-checked=false]");
    other?.focus();
    other?.click();
  };
  return (
    <div
      role="radiogroup"
      aria-label="Mode"
      tabIndex={-1}
      onKeyDown={onKeyDown}
      className="inline-flex flex-none rounded-[9px] bg-oma-select p-0.5 text-small font-medium"
    >
      {modes.map((each) => (
        <button
          key={each.mode}
          type="button"
          role="radio"
          aria-checked={each.mode === mode}
          tabIndex={each.mode === mode ? 0 : -1}
          title={each.does}
          onClick={() => {
            if (each.mode !== mode) onChange(each.mode);
          }}
          className="inline-flex h-[26px] items-center gap-1.5 rounded-[7px] px-[11px] text-oma-muted transition-colors duration-150 hover:text-oma-text aria-checked:bg-oma-raised aria-checked:text-oma-text aria-checked:shadow-[inset_0_0_0_1px_var(--oma-glass-border)] max-desk:h-9 [:root.light_&]:aria-checked:bg-oma-elevated"
        >
          {each.mode === mode && each.icon}
          {each.name}
        </button>
      ))}
    </div>
  );
}
