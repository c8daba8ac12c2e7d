import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useColours } from "./colours";
import { SplitLine, UnifiedLine } from "./diff_line";
import { diffRows, widestLine, type DiffRow, type Layout } from "./diff_rows";
import { FileEntry, FileHead, HunkHead, MoreFiles } from "./file_parts";
import { NoteView } from "./note_view";
import { placeNotes } from "./notes";
import { languageOf, type Line, type ParsedFile } from "./patch";
import type { Notes } from "./use_notes";

const estimates: Record<DiffRow["kind"], number> = {
  entry: 30,
  more: 34,
  loose: 96,
  file: 36,
  hunk: 20,
  line: 20,
  pair: 20,
  note: 96,
  words: 44,
};
/** Number, sign and the room behind the text. */
const gutterPx = 78;

/** The line that a row's note is on, if it has one: of a pair the new one, else the old one. */
function lineOf(row: DiffRow | undefined): { path: string; line: Line } | null {
  if (row?.kind === "line") return { path: row.file.path, line: row.line };
  if (row?.kind !== "pair") return null;
  const line = row.pair.right ?? row.pair.left;
  return line && { path: row.file.path, line };
}

/** The files and their lines, of which those in sight exist; the head of the file in sight stays at the top. */
export function DiffList({
  files,
  unlisted,
  layout,
  notes,
  takesFocus,
}: {
  files: readonly ParsedFile[];
  unlisted: number;
  layout: Layout;
  notes: Notes;
  /** A person opened it and goes on in it. */
  takesFocus: boolean;
}) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [allEntries, setAllEntries] = useState(false);
  const [current, setCurrent] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const placed = useMemo(() => placeNotes(files, notes.notes), [files, notes.notes]);
  const rows = useMemo(
    () => diffRows(files, unlisted, placed, { layout, folded, allEntries }),
    [files, unlisted, placed, layout, folded, allEntries],
  );
  const heads = useMemo(() => rows.flatMap((row, index) => (row.kind === "file" ? [index] : [])), [rows]);
  const width = useMemo(() => widestLine(files), [files]);
  const stuck = useRef(-1);
  const colourOf = useColours(files.some(({ hunks }) => hunks.length > 0));
  // eslint-disable-next-line react-hooks/incompatible-library -- the list is not memoised by a compiler here
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimates[rows[index]?.kind ?? "line"],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 20,
    paddingStart: 8,
    paddingEnd: 24,
    rangeExtractor: (range: Range) => {
      stuck.current = heads.findLast((head) => head <= range.startIndex) ?? -1;
      const shown = defaultRangeExtractor(range);
      return stuck.current < 0 || shown.includes(stuck.current) ? shown : [stuck.current, ...shown];
    },
  });

  useEffect(() => {
    if (takesFocus) scroller.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  const toggle = (key: string) => {
    const next = new Set(folded);
    if (!next.delete(key)) next.add(key);
    setFolded(next);
  };
  const step = (by: 1 | -1) => {
    const lines = rows.flatMap((row, index) => (row.kind === "line" || row.kind === "pair" ? [index] : []));
    const at = rows.findIndex(({ key }) => key === current);
    const next = by > 0 ? lines.find((index) => index > at) : lines.findLast((index) => at < 0 || index < at);
    const row = next === undefined ? undefined : rows[next];
    if (next === undefined || !row) return;
    setCurrent(row.key);
    list.scrollToIndex(next, { align: "auto" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    }
    const here = event.key === "Enter" ? lineOf(rows.find(({ key }) => key === current)) : null;
    if (!here) return;
    event.preventDefault();
    notes.add(here.path, here.line);
  };
  const draw = (row: DiffRow): ReactNode => {
    switch (row.kind) {
      case "entry":
        return (
          <FileEntry
            file={row.file}
            onGo={() => {
              const index = rows.findIndex(({ key }) => key === `file:${row.file.path}`);
              list.scrollToIndex(index, { align: "start" });
            }}
          />
        );
      case "more":
        return (
          <MoreFiles
            count={row.count}
            onShow={() => {
              setAllEntries(true);
            }}
          />
        );
      case "file":
        return (
          <FileHead
            file={row.file}
            open={row.open}
            onToggle={() => {
              toggle(row.file.path);
            }}
          />
        );
      case "hunk":
        return (
          <HunkHead
            header={row.header}
            open={row.open}
            onToggle={() => {
              toggle(row.hunk);
            }}
          />
        );
      case "line":
      case "pair": {
        const hunk = row.file.hunks[row.hunk];
        if (!hunk) return null;
        const language = languageOf(row.file.path);
        const colours = (line: Line | null) => line && colourOf(hunk, line, language);
        const shared = {
          current: row.key === current,
          onNote: notes.mayAdd
            ? (line: Line) => {
                notes.add(row.file.path, line);
              }
            : null,
        };
        if (row.kind === "line")
          return <UnifiedLine {...shared} line={row.line} coloured={colours(row.line)} />;
        const { left, right } = row.pair;
        return <SplitLine {...shared} pair={row.pair} left={colours(left)} right={colours(right)} />;
      }
      case "note":
      case "loose":
        return <NoteView note={row.note} notes={notes} loose={row.kind === "loose"} />;
      case "words":
        return (
          <p className="sticky left-0 w-[100cqw] px-4 py-3 font-sans text-small whitespace-normal text-oma-muted">
            {row.text}
          </p>
        );
    }
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keyboard moves in it
    <div
      ref={scroller}
      role="region"
      aria-label={`Diff: arrows move from line to line${notes.mayAdd ? ", Enter writes a note" : ""}`}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard moves in it
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="@container min-h-0 flex-1 overflow-auto overscroll-contain font-mono text-code [font-variant-ligatures:none] [tab-size:4] focus-visible:-outline-offset-2"
    >
      <div
        className="relative min-w-full"
        style={{
          height: list.getTotalSize(),
          ...(layout === "unified" ? { width: `calc(${String(width)}ch + ${String(gutterPx)}px)` } : {}),
        }}
      >
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const sticks = item.index === stuck.current;
          return (
            <div
              key={item.key}
              data-index={item.index}
              ref={list.measureElement}
              // The next file's head comes up over the one that stays, and then stays itself.
              className={
                sticks ? "sticky top-0 z-2" : `absolute inset-x-0 top-0 ${row.kind === "file" ? "z-3" : ""}`
              }
              style={sticks ? undefined : { transform: `translateY(${String(item.start)}px)` }}
            >
              {draw(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
