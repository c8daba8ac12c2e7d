import { useEffect, useRef, useState } from "react";
import { Button } from "../../ui/button";
import type { Outcome } from "./use_waiting";

/** Edits a waiting message in its place. Whatever happens meanwhile, what was written stays somewhere. */
export function WaitingEditor({
  content,
  onSave,
  onLate,
  onClose,
}: {
  content: string;
  onSave: (text: string) => Promise<Outcome>;
  onLate: (text: string) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState(content);
  const [problem, setProblem] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = input.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  /** What would be lost if the row went now: the agent may take the message while it is being edited. */
  const rescue = useRef<string | null>(null);
  const late = useRef(onLate);
  useEffect(() => {
    late.current = onLate;
  });
  useEffect(
    () => () => {
      if (rescue.current !== null) late.current(rescue.current);
    },
    [],
  );
  const change = (next: string) => {
    setText(next);
    rescue.current = next.trim() === "" || next === content ? null : next;
  };
  const close = () => {
    rescue.current = null;
    onClose();
  };
  const save = () => {
    if (text.trim() === "" || saving) return;
    if (text === content) {
      close();
      return;
    }
    setSaving(true);
    void onSave(text.trim()).then((outcome) => {
      if (outcome.state === "done") close();
      if (outcome.state !== "failed") return;
      setSaving(false);
      setProblem(outcome.words);
    });
  };
  return (
    <form
      className="grid gap-1.5 rounded-md bg-oma-hover p-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={input}
        aria-label="Edit the waiting message"
        rows={Math.min(8, text.split("\n").length + 1)}
        value={text}
        onChange={(event) => {
          change(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            close();
          }
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            save();
          }
        }}
        className="w-full resize-none rounded-sm border border-oma-outline bg-oma-well px-2.5 py-1.5 text-ui max-desk:text-input"
      />
      <div className="flex items-center gap-2">
        <Button size="small" type="submit" disabled={text.trim() === "" || saving}>
          {saving ? "Saving…" : "Save"}
        </Button>
        <Button size="small" kind="ghost" onClick={close}>
          Cancel
        </Button>
        {problem && (
          <p role="alert" className="min-w-0 text-small text-oma-error-ink">
            Not changed. {problem}
          </p>
        )}
      </div>
    </form>
  );
}
