import type { ReactNode } from "react";
import { highlighter } from "../../../ui/code_block";
import { codeText } from "../../../ui/plain_text";
import { shownLength } from "./diff_rows";
import type { Hunk, Line } from "./patch";

// The colours of a hunk's lines, worked out once when the first of them is drawn.

type Coloured = ReadonlyMap<Line, ReactNode>;
const known = new WeakMap<Hunk, Coloured>();
/** Longer hunks stay plain: colouring them would be felt. */
const limit = 60_000;

/** A line as it is drawn: nothing hidden in it, and cut where it would be too long. */
export function shownText(text: string): string {
  const more = text.length - shownLength;
  return (
    codeText(text.slice(0, shownLength)) + (more > 0 ? ` … ${more.toLocaleString()} more characters` : "")
  );
}

/** Gives a line's colours, or null while the highlighter is not here or the language unknown. */
export function useColours(wanted: boolean): (hunk: Hunk, line: Line, language: string | null) => ReactNode {
  const part = highlighter.usePart(wanted);
  return (hunk, line, language) => {
    if (!part || language === null) return null;
    let coloured = known.get(hunk);
    if (!coloured) {
      const map = new Map<Line, ReactNode>();
      for (const signs of [" -", " +"]) {
        const lines = hunk.lines.filter(({ sign }) => signs.includes(sign));
        const code = lines.map(({ text }) => shownText(text)).join("\n");
        const nodes = code.length > limit ? null : part.highlightLines(code, language);
        // A line that both sides have looks as it does in the new file.
        nodes?.forEach((node, index) => {
          const at = lines[index];
          if (at) map.set(at, node);
        });
      }
      coloured = map;
      known.set(hunk, coloured);
    }
    return coloured.get(line) ?? null;
  };
}
