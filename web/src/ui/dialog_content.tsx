import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./button";

// Radix keeps the focus in and gives it back. Its overlay is left out: that would write a <style> element, which
// the content security policy refuses; the scrim here does the same.

export type DialogProps = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  description?: ReactNode;
  width?: string;
};

export default function DialogContent({
  title,
  onClose,
  children,
  description,
  width = "w-[440px]",
}: DialogProps) {
  return (
    <Radix.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Radix.Portal>
        <div className="fixed inset-0 z-30 bg-oma-scrim" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={`raised fixed top-[14vh] left-1/2 z-31 max-h-[78vh] max-w-[calc(100vw-32px)] -translate-x-1/2 animate-rise overflow-y-auto rounded-2xl ${width}`}
        >
          <header className="flex items-center gap-3 pt-4 pr-4 pb-1 pl-6">
            <Radix.Title className="min-w-0 flex-1 font-serif text-h3">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close">
                <X size={16} />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="px-6 pb-6">
            {description && (
              <Radix.Description asChild>
                <div className="mb-4 text-oma-muted">{description}</div>
              </Radix.Description>
            )}
            {children}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
