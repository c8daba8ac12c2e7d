import { useId, useState } from "react";
import { Button } from "../../../ui/button";

/** A note to the agent that goes with a denial. */
export function DenyNote({
  label,
  action,
  sending,
  onSend,
  onCancel,
}: {
  label: string;
  action: string;
  sending: boolean;
  onSend: (note: string) => void;
  onCancel: () => void;
}) {
  const [note, setNote] = useState("");
  const id = useId();
  return (
    <form
      className="grid gap-2 px-4 pt-3 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (note.trim() !== "") onSend(note.trim());
      }}
    >
      <label htmlFor={id} className="text-small text-oma-muted">
        {label}
      </label>
      <textarea
        id={id}
        rows={2}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the person asked for it with this very press
        autoFocus
        value={note}
        onChange={(event) => {
          setNote(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onCancel();
          }
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }
        }}
        className="min-h-16 w-full resize-y rounded-md border border-oma-outline bg-oma-well px-3 py-2 text-ui max-desk:text-input"
      />
      <div className="flex gap-2 max-desk:grid max-desk:grid-cols-2">
        <Button type="submit" disabled={note.trim() === "" || sending}>
          {action}
        </Button>
        <Button kind="ghost" onClick={onCancel}>
          Back
        </Button>
      </div>
    </form>
  );
}
