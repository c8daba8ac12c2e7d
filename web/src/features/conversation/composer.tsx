import { Square } from "lucide-react";
import {
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from "react";
import type { Urgency } from "../../stream/conversation";
import { Button } from "../../ui/button";
import type { Attachment } from "../../api/types";
import { AttachButton } from "./attachments/attach_button";
import { DraftFiles } from "./attachments/draft_files";
import { useAttachments } from "./attachments/use_attachments";
import { useDroppedFiles } from "./attachments/use_dropped_files";
import { useDraft } from "../../ui/drafts";
import { SendButton } from "./send_menu";

const lines = 8;

export type ComposerHandle = {
  focus: () => void;
  /** Adds a text to what stands there: words that could not go where they were meant to. */
  append: (text: string) => void;
};

export type ComposerProps = {
  /** Whose draft it is: a thread, or a project's new thread. */
  place: string;
  projectId: string;
  agent: string;
  placeholder?: string | undefined;
  ref?: Ref<ComposerHandle>;
  /** An agent works: an empty composer offers to stop it. */
  busy: boolean;
  stopping?: boolean;
  onSend: (text: string, urgency: Urgency, attachments: readonly Attachment[]) => void;
  onStop?: () => void;
  /** ↑ in an empty composer. */
  onUp?: () => void;
  /** What stands on the composer's shoulder. */
  tray?: ReactNode;
  /** A line about how the agent works now. */
  note?: ReactNode;
  /** How it is to work. */
  controls?: ReactNode;
  sending?: boolean;
};

function Hint({ empty }: { empty: boolean }) {
  return (
    <span className="mx-1.5 flex-none text-micro text-oma-subtle max-wide:hidden @max-md:hidden">
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
  );
}

/** Where a person writes. Never off while an agent works; what is typed survives a reload. */
export function Composer({
  place,
  projectId,
  agent,
  placeholder,
  ref,
  busy,
  stopping = false,
  onSend,
  onStop,
  onUp,
  tray,
  note,
  controls,
  sending = false,
}: ComposerProps) {
  const [text, setText] = useDraft(place);
  const attachments = useAttachments(place, projectId);
  const { files, coming, add } = attachments;
  const dropping = useDroppedFiles(add);
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => ({
    focus: () => input.current?.focus(),
    append: (more) => {
      setText(text.trim() === "" ? more : `${text}\n\n${more}`);
    },
  }));
  // Grows with its text to eight lines, then scrolls.
  useLayoutEffect(() => {
    const area = input.current;
    if (!area) return;
    area.style.height = "auto";
    const lineHeight = parseFloat(getComputedStyle(area).lineHeight) || 24;
    area.style.height = `${String(Math.min(area.scrollHeight, lineHeight * lines + 19))}px`;
  }, [text]);
  const empty = text.trim() === "" && files.length === 0 && coming.length === 0;
  // What is still on its way would be left behind.
  const ready = !empty && !sending && coming.length === 0;
  const send = (urgency: Urgency) => {
    if (!ready) return;
    onSend(text.trim(), urgency, files);
    setText("");
    attachments.clear();
  };
  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const pasted = [...event.clipboardData.files];
    // A table or a page comes as text and as a picture of it.
    if (pasted.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(pasted);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send(busy && (event.ctrlKey || event.metaKey) ? "now" : "next");
    }
    if (event.key === "ArrowUp" && text === "" && onUp) {
      event.preventDefault();
      onUp();
    }
    if (event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <div
      className={`veil edge @container relative rounded-xl border shadow-[var(--oma-edge),var(--oma-shadow)] focus-within:border-oma-focus ${dropping ? "border-oma-focus" : "border-oma-outline"}`}
    >
      {dropping && (
        <p
          role="status"
          className="absolute inset-0 z-1 grid place-items-center rounded-xl bg-oma-raised font-medium"
        >
          Drop to attach
        </p>
      )}
      {tray}
      <DraftFiles attachments={attachments} />
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
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        className="block min-h-11 w-full resize-none bg-transparent px-4 pt-[13px] pb-1.5 text-body outline-none max-desk:text-input"
      />
      {note}
      <div className="flex items-center gap-1.5 pt-1.5 pr-2 pb-2 pl-2.5">
        <AttachButton onFiles={add} />
        {controls}
        <span className="flex-1" />
        {busy && <Hint empty={empty} />}
        {busy && empty && onStop ? (
          <Button size="small" className="h-8 rounded-md" onClick={onStop} disabled={stopping}>
            <Square size={14} aria-hidden="true" />
            {stopping ? "Stopping…" : "Stop"}
          </Button>
        ) : (
          <SendButton busy={busy} disabled={!ready} onSend={send} />
        )}
      </div>
    </div>
  );
}
