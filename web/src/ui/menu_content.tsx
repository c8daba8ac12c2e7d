import * as Radix from "@radix-ui/react-dropdown-menu";
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

export function ItemContent({
  icon,
  children,
  onSelect,
  danger = false,
}: {
  icon: ReactNode;
  children: ReactNode;
  onSelect: () => void;
  danger?: boolean;
}) {
  return (
    <Radix.Item
      onSelect={onSelect}
      className={`flex h-9 cursor-pointer items-center gap-2.5 rounded-sm px-2.5 outline-none select-none data-highlighted:bg-oma-select max-desk:h-11 ${danger ? "text-oma-error-ink" : ""}`}
    >
      <span className="text-oma-subtle">{icon}</span>
      {children}
    </Radix.Item>
  );
}

export function NoteContent({ children }: { children: ReactNode }) {
  return <div className="px-2.5 pt-1.5 pb-2 text-small text-oma-subtle">{children}</div>;
}
