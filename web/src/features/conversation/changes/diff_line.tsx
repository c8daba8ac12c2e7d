import type { ReactNode } from "react";
import { shownText } from "./colours";
import { numberOf, type Line, type Pair } from "./patch";

const grounds: Record<Line["sign"], string> = { "+": "bg-oma-add", "-": "bg-oma-del", " ": "" };
const signs: Record<Line["sign"], string> = {
  "+": "font-semibold text-oma-add-ink",
  "-": "font-semibold text-oma-del-ink",
  " ": "text-oma-subtle",
};
const spoken: Record<Line["sign"], string> = { "+": "added", "-": "removed", " ": "unchanged" };

type OnNote = ((line: Line) => void) | null;

function Number({ line, onNote }: { line: Line; onNote: OnNote }) {
  const ink = line.sign === " " ? "text-oma-subtle" : "text-oma-muted";
  const place = `self-start pr-2 text-right text-tiny leading-5 select-none ${ink}`;
  if (!onNote) return <span className={place}>{numberOf(line)}</span>;
  return (
    <button
      type="button"
      tabIndex={-1}
      title="Write a note on this line"
      aria-label={`Note on ${spoken[line.sign]} line ${String(numberOf(line))}`}
      onClick={() => {
        onNote(line);
      }}
      className={`${place} hover:text-oma-text hover:underline hover:underline-offset-3`}
    >
      {numberOf(line)}
    </button>
  );
}

function Sign({ line }: { line: Line }) {
  return (
    <span className={`text-center select-none ${signs[line.sign]}`}>
      <span aria-hidden="true">{line.sign === "-" ? "−" : line.sign}</span>
      {line.sign !== " " && <span className="sr-only">{spoken[line.sign]}</span>}
    </span>
  );
}

function Text({ line, coloured }: { line: Line; coloured: ReactNode }) {
  return (
    <span className="pr-4">
      {coloured ?? shownText(line.text)}
      {line.unended && (
        <span className="ml-2 text-tiny text-oma-subtle select-none">no line break at the end</span>
      )}
    </span>
  );
}

/** One line of a unified diff. */
export function UnifiedLine({
  line,
  coloured,
  current,
  onNote,
}: {
  line: Line;
  coloured: ReactNode;
  current: boolean;
  onNote: OnNote;
}) {
  return (
    <div
      className={`grid min-h-5 grid-cols-[40px_18px_minmax(0,1fr)] whitespace-pre ${grounds[line.sign]} ${current ? "outline-2 -outline-offset-2 outline-oma-focus" : ""}`}
    >
      <Number line={line} onNote={onNote} />
      <Sign line={line} />
      <Text line={line} coloured={coloured} />
    </div>
  );
}

function Half({ line, coloured, onNote }: { line: Line | null; coloured: ReactNode; onNote: OnNote }) {
  if (!line) return <div className="bg-oma-hover" />;
  return (
    <div
      className={`grid min-h-5 min-w-0 grid-cols-[40px_18px_minmax(0,1fr)] wrap-anywhere whitespace-pre-wrap ${grounds[line.sign]}`}
    >
      <Number line={line} onNote={onNote} />
      <Sign line={line} />
      <Text line={line} coloured={coloured} />
    </div>
  );
}

/** The old line beside the new one; long lines wrap, since each has half the room. */
export function SplitLine({
  pair,
  left,
  right,
  current,
  onNote,
}: {
  pair: Pair;
  left: ReactNode;
  right: ReactNode;
  current: boolean;
  onNote: OnNote;
}) {
  return (
    <div
      className={`grid grid-cols-2 divide-x divide-oma-line ${current ? "outline-2 -outline-offset-2 outline-oma-focus" : ""}`}
    >
      <Half line={pair.left} coloured={left} onNote={onNote} />
      <Half line={pair.right} coloured={right} onNote={onNote} />
    </div>
  );
}
