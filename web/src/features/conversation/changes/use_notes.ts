import { useState } from "react";
import { ulid } from "ulid";
import { useMay } from "../../../api/may";
import { keepNotes, noteOn, readNotes, type Note } from "./notes";
import type { Line } from "./patch";

export type Notes = ReturnType<typeof useNotes>;

/** The notes of a thread, kept with every letter; one of them may be open for writing. */
export function useNotes(threadId: string) {
  const [notes, setNotes] = useState(() => readNotes(threadId));
  const [editing, setEditing] = useState<string | null>(null);
  const { write: mayAdd } = useMay();
  const set = (next: Note[]) => {
    setNotes(next);
    keepNotes(threadId, next);
  };
  const isWritten = ({ text }: Note) => text.trim() !== "";
  return {
    notes,
    editing,
    /** Not for whom only reads: there would be nobody to send them. */
    mayAdd,
    /** Those that say something: what is sent. */
    written: notes.filter(isWritten),
    add: (path: string, line: Line) => {
      if (!mayAdd) return;
      const note = noteOn(path, line, ulid());
      set([...notes.filter(isWritten), note]);
      setEditing(note.id);
    },
    write: (id: string, text: string) => {
      set(notes.map((note) => (note.id === id ? { ...note, text } : note)));
    },
    edit: setEditing,
    close: () => {
      set(notes.filter(isWritten));
      setEditing(null);
    },
    remove: (id: string) => {
      set(notes.filter((note) => note.id !== id));
      setEditing(null);
    },
    clear: () => {
      set([]);
      setEditing(null);
    },
  };
}
