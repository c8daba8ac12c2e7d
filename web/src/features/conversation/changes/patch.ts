import type { ChangedFile } from "../../../api/types";

// A file's patch, as git writes it, as lines with their numbers. Pure; what is no part of a hunk is left out.

export type Side = "old" | "new";
export type Line = {
  sign: " " | "+" | "-";
  /** Its number on each side; null where it is not there. */
  old: number | null;
  new: number | null;
  text: string;
  /** The file ends with this line and without a line break. */
  unended: boolean;
};
export type Hunk = { header: string; lines: Line[] };
export type ParsedFile = ChangedFile & { hunks: Hunk[] };

const hunkHead = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

export function parsePatch(patch: string): Hunk[] {
  const hunks: Hunk[] = [];
  let old = 0;
  let fresh = 0;
  for (const raw of patch.split("\n")) {
    const head = hunkHead.exec(raw);
    const hunk = hunks.at(-1);
    if (head) {
      old = Number(head[1]);
      fresh = Number(head[2]);
      hunks.push({ header: raw, lines: [] });
    } else if (!hunk || raw === "") {
      continue;
    } else if (raw.startsWith("\\")) {
      const last = hunk.lines.at(-1);
      if (last) last.unended = true;
    } else {
      const sign = raw.charAt(0);
      if (sign !== " " && sign !== "+" && sign !== "-") continue;
      const line: Line = { sign, old: null, new: null, text: raw.slice(1), unended: false };
      if (sign !== "+") line.old = old++;
      if (sign !== "-") line.new = fresh++;
      hunk.lines.push(line);
    }
  }
  return withoutReturns(hunks);
}

/** A file whose every line ends with CR and LF is shown without the CR; where only some do, it is a change to see. */
function withoutReturns(hunks: Hunk[]): Hunk[] {
  const lines = hunks.flatMap((hunk) => hunk.lines);
  if (lines.every(({ text }) => text.endsWith("\r")))
    for (const line of lines) line.text = line.text.slice(0, -1);
  return hunks;
}

/** The side on which a line is spoken of: a removed one on the old side, any other on the new one. */
export function sideOf(line: Line): Side {
  return line.sign === "-" ? "old" : "new";
}

export function numberOf(line: Line): number {
  return (line.sign === "-" ? line.old : line.new) ?? 0;
}

/** Lines side by side: what was removed beside what came in its place. */
export type Pair = { left: Line | null; right: Line | null };

export function pairsOf(lines: readonly Line[]): Pair[] {
  const pairs: Pair[] = [];
  let removed: Line[] = [];
  let added: Line[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index++) {
      pairs.push({ left: removed[index] ?? null, right: added[index] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.sign === "-") {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.sign === "+") added.push(line);
    else {
      flush();
      pairs.push({ left: line, right: line });
    }
  }
  flush();
  return pairs;
}

export const marks: Record<ChangedFile["status"], string> = {
  added: "A",
  modified: "M",
  deleted: "D",
  renamed: "R",
};

/** The end of a file's name that says what it is written in. */
export function languageOf(path: string): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/^(Dockerfile|Makefile)$/.test(name)) return name.toLowerCase();
  return /\.([A-Za-z0-9+]+)$/.exec(name)?.[1] ?? null;
}
