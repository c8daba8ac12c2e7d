import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

/** Open when it comes: a person asked for it. Not modal: that kind writes a <style>, which the policy refuses. */
export default function MenuContent({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <Radix.Root modal={false} defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="raised z-40 min-w-[200px] animate-fade rounded-lg p-1"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const rowClass =
  "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-sm px-2.5 py-1.5 outline-none select-none data-highlighted:bg-oma-select max-desk:min-h-11";

/** `note` says in a second line what it does; `keys` are those that do the same. */
export function ItemContent({
  icon,
  children,
  note,
  keys = [],
  onSelect,
  danger = false,
  className = "",
}: {
  icon: ReactNode;
  children: ReactNode;
  note?: string;
  keys?: string[];
  onSelect: () => void;
  danger?: boolean;
  className?: string;
}) {
  return (
    <Radix.Item
      onSelect={onSelect}
      className={`${rowClass} ${danger ? "text-oma-error-ink" : ""} ${className}`}
    >
      <span className="text-oma-subtle">{icon}</span>
      <span className="min-w-0 flex-1">
        {children}
        {note && <span className="block text-small text-oma-subtle">{note}</span>}
      </span>
      {keys.length > 0 && (
        <span className="ml-3 flex gap-1 max-desk:hidden">
          {keys.map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
        </span>
      )}
    </Radix.Item>
  );
}

export type Choice = { value: string; name: string; note: string; title: string };

/** One of several, each with a line about what it does. */
export function ChoicesContent({
  label,
  value,
  choices,
  onChoose,
}: {
  label: string;
  value: string;
  choices: Choice[];
  onChoose: (value: string) => void;
}) {
  return (
    <Radix.RadioGroup aria-label={label} value={value} onValueChange={onChoose}>
      {choices.map((choice) => (
        <Radix.RadioItem
          key={choice.value}
          value={choice.value}
          title={choice.title}
          className={`${rowClass} max-w-[340px] pl-9 relative`}
        >
          <Radix.ItemIndicator className="absolute left-2.5">
            <Check size={16} className="text-oma-text" aria-hidden="true" />
          </Radix.ItemIndicator>
          <span>
            {choice.name}
            <span className="block text-small text-oma-subtle">{choice.note}</span>
          </span>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function NoteContent({ children }: { children: ReactNode }) {
  return <div className="px-2.5 pt-1.5 pb-2 text-small text-oma-subtle">{children}</div>;
}
