import { useState } from "react";
import { ulid } from "ulid";
import { addAttachment } from "../../../api/calls";
import { asProblem } from "../../../api/client";
import type { Attachment } from "../../../api/types";
import { shrunk } from "./shrink";

// The files of a message that is being written: stored with the server as they are chosen, and named by the draft, so
// that they survive a reload as its text does.

const most = 10;

const keyOf = (place: string) => `omakase.draft.${place}.files`;

function readDraft(place: string): Attachment[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(place)) ?? "[]");
    return Array.isArray(kept) ? (kept as Attachment[]) : [];
  } catch {
    return [];
  }
}

export function keepDraftFiles(place: string, files: readonly Attachment[]): void {
  if (files.length === 0) localStorage.removeItem(keyOf(place));
  else localStorage.setItem(keyOf(place), JSON.stringify(files));
}

/** A file on its way to the server. */
export type Coming = { key: string; name: string };

export type Attachments = ReturnType<typeof useAttachments>;

export function useAttachments(place: string, projectId: string) {
  const [held, setHeld] = useState({ place, files: readDraft(place) });
  const files = held.place === place ? held.files : readDraft(place);
  const [coming, setComing] = useState<Coming[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (next: (files: readonly Attachment[]) => Attachment[]) => {
    setHeld((before) => {
      const after = next(before.place === place ? before.files : readDraft(place));
      keepDraftFiles(place, after);
      return { place, files: after };
    });
  };
  const upload = async (file: File, one: Coming) => {
    try {
      const stored = await addAttachment(projectId, await shrunk(file), file.name);
      change((before) => [...before, stored]);
    } catch (error) {
      setProblem(`${one.name} was not added. ${asProblem(error).message}`);
    } finally {
      setComing((before) => before.filter(({ key }) => key !== one.key));
    }
  };
  return {
    files,
    coming,
    problem,
    add: (chosen: readonly File[]) => {
      const room = most - files.length - coming.length;
      setProblem(chosen.length > room ? `A message takes ${String(most)} files.` : null);
      for (const file of chosen.slice(0, Math.max(0, room))) {
        const one = { key: ulid(), name: file.name };
        setComing((before) => [...before, one]);
        void upload(file, one);
      }
    },
    remove: (id: string) => {
      setProblem(null);
      change((before) => before.filter((file) => file.id !== id));
    },
    clear: () => {
      setProblem(null);
      change(() => []);
    },
  };
}
