import { Pencil, Trash2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button, IconButton } from "../../../ui/button";
import { Markdown } from "../../../ui/markdown";
import type { Note } from "./notes";
import { shownText } from "./colours";
import type { Notes } from "./use_notes";

function Editor({ note, notes }: { note: Note; notes: Notes }) {
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    input.current?.focus();
  }, []);
  return (
    <form
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        notes.close();
      }}
    >
      <textarea
        ref={input}
        aria-label={`Note on line ${String(note.line)}`}
        placeholder="What about this line?"
        rows={3}
        value={note.text}
        onChange={(event) => {
          notes.write(note.id, event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            notes.close();
          }
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            notes.close();
          }
        }}
        className="w-full resize-y rounded-sm border border-oma-outline bg-oma-well px-2.5 py-1.5 text-ui max-desk:text-input"
      />
      <div className="flex gap-2">
        <Button size="small" type="submit">
          Add note
        </Button>
        <Button
          size="small"
          kind="ghost"
          onClick={() => {
            notes.remove(note.id);
          }}
        >
          Discard
        </Button>
      </div>
    </form>
  );
}

/** A note under its line, not sent yet. A loose one lost its line to a later change and shows what it was about. */
export function NoteView({ note, notes, loose }: { note: Note; notes: Notes; loose: boolean }) {
  return (
    <div className="sticky left-0 w-[100cqw] py-2 pr-3.5 pl-11 font-sans whitespace-normal max-desk:pr-2">
      <section
        aria-label={`Your note on ${note.path}, line ${String(note.line)}`}
        className="max-w-[460px] rounded-lg border border-oma-person-line bg-oma-person px-3 py-2 text-small"
      >
        <header className="mb-0.5 flex min-h-[26px] items-center gap-1.5 text-micro">
          <b className="font-semibold">You</b>
          <span className="min-w-0 flex-1 truncate text-oma-person-meta">
            {loose
              ? `${note.path}, line ${String(note.line)} · the line has changed`
              : `line ${String(note.line)} · not sent yet`}
          </span>
          {notes.editing !== note.id && (
            <>
              <IconButton
                small
                label="Edit the note"
                onClick={() => {
                  notes.edit(note.id);
                }}
              >
                <Pencil size={14} />
              </IconButton>
              <IconButton
                small
                label="Remove the note"
                onClick={() => {
                  notes.remove(note.id);
                }}
              >
                <Trash2 size={14} />
              </IconButton>
            </>
          )}
        </header>
        {loose && (
          <code className="mb-1 block truncate text-oma-person-meta">{shownText(note.quote.trim())}</code>
        )}
        {notes.editing === note.id ? <Editor note={note} notes={notes} /> : <Markdown text={note.text} />}
      </section>
    </div>
  );
}
