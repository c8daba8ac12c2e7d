import { ArrowUp, Square } from "lucide-react";
import { useId, useImperativeHandle, useLayoutEffect, useRef, type ReactNode, type Ref } from "react";
import { Button } from "../../ui/button";
import { useDraft } from "./drafts";
import { ConversationModeSelector } from "./mode_selector";

const lines = 8;

export type ComposerHandle = { focus: () => void };

export type ComposerProps = {
  /** Whose draft it is: a thread, or a project's new thread. */
  place: string;
  agent: string;
  placeholder?: string;
  ref?: Ref<ComposerHandle>;
  /** An agent works: an empty composer offers to stop it. */
  busy: boolean;
  stopping?: boolean;
  onSend: (text: string) => void;
  onStop?: () => void;
  /** What stands on the composer's shoulder. */
  tray?: ReactNode;
  sending?: boolean;
};

/** Where a person writes. Never off while an agent works; what is typed survives a reload. */
export function Composer({
  place,
  agent,
  placeholder,
  ref,
  busy,
  stopping = false,
  onSend,
  onStop,
  tray,
  sending = false,
}: ComposerProps) {
  const [text, setText] = useDraft(place);
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }), []);
  // Grows with its text to eight lines, then scrolls.
  useLayoutEffect(() => {
    const area = input.current;
    if (!area) return;
    area.style.height = "auto";
    const lineHeight = parseFloat(getComputedStyle(area).lineHeight) || 24;
    area.style.height = `${String(Math.min(area.scrollHeight, lineHeight * lines + 19))}px`;
  }, [text]);
  const empty = text.trim() === "";
  const send = () => {
    if (empty || sending) return;
    onSend(text.trim());
    setText("");
  };
  return (
    <div className="veil edge rounded-xl border border-oma-outline shadow-[var(--oma-edge),var(--oma-shadow)] focus-within:border-oma-focus">
      {tray}
      <label htmlFor={id} className="sr-only">
        Message {agent}
      </label>
      <textarea
        id={id}
        ref={input}
        rows={1}
        value={text}
        placeholder={placeholder ?? `Message ${agent}…`}
        onChange={(event) => {
          setText(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            send();
          }
          if (event.key === "Escape") event.currentTarget.blur();
        }}
        className="block min-h-11 w-full resize-none bg-transparent px-4 pt-[13px] pb-1.5 text-body outline-none max-desk:text-input"
      />
      <div className="flex items-center gap-1.5 pt-1.5 pr-2 pb-2 pl-2.5">
        <ConversationModeSelector />
        <span className="flex-1" />
        {busy && (
          <span className="mx-1.5 flex-none text-micro text-oma-subtle max-desk:hidden">
            {empty ? (
              <>
                <kbd>Ctrl</kbd> <kbd>.</kbd> stops
              </>
            ) : (
              <>
                <kbd>↵</kbd> waits its turn
              </>
            )}
          </span>
        )}
        {busy && empty && onStop ? (
          <Button size="small" className="h-8 rounded-md" onClick={onStop} disabled={stopping}>
            <Square size={14} aria-hidden="true" />
            {stopping ? "Stopping…" : "Stop"}
          </Button>
        ) : (
          <Button
            size="small"
            kind={busy ? "plain" : "solid"}
            className="h-8 rounded-md"
            disabled={empty || sending}
            onClick={send}
          >
            Send
            <ArrowUp size={14} aria-hidden="true" />
          </Button>
        )}
      </div>
    </div>
  );
}
