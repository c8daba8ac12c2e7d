import { useState } from "react";
import * as calls from "../../api/calls";
import { asProblem } from "../../api/client";
import { downloadText } from "../../ui/download";
import { showToast } from "../../ui/toast";
import type { LogFilters } from "./filters";
import type { LogSnapshot } from "./log_feed";
import { countOf, fileName, lineText } from "./log_text";

const pageSize = 1_000;

/** Every line that the filters want, also those that are not on the page: the pages come from the newest on. */
async function allLines(projectId: string, filters: LogFilters): Promise<string[]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page = await calls.listLogLines(projectId, {
      ...filters,
      limit: pageSize,
      ...(cursor === null ? {} : { cursor }),
    });
    pages.push(page.items.map(lineText));
    cursor = page.next;
  } while (cursor !== null);
  return pages.reverse().flat();
}

export type LogFiles = {
  /** What is shown, as plain text. */
  copy: () => void;
  /** All lines that the filters want, as a file. */
  save: () => void;
  saving: boolean;
};

export function useLogFiles(
  projectId: string,
  project: string,
  filters: LogFilters,
  { shown }: LogSnapshot,
): LogFiles {
  const [saving, setSaving] = useState(false);
  const save = async () => {
    setSaving(true);
    try {
      const lines = await allLines(projectId, filters);
      downloadText(fileName(project, new Date()), lines);
      showToast(`${countOf(lines.length, "line")} downloaded`);
    } catch (error) {
      showToast(`The log was not downloaded. ${asProblem(error).message}`);
    } finally {
      setSaving(false);
    }
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(shown.map(lineText).join(""));
      showToast(`${countOf(shown.length, "line")} copied`);
    } catch {
      showToast("The browser did not let the page copy");
    }
  };
  return { copy: () => void copy(), save: () => void save(), saving };
}
