import { ChevronRight } from "lucide-react";
import type { LogLine } from "../../api/types";
import type { Teammate } from "../../api/team";
import { Found } from "../../ui/found";
import { plainText } from "../../ui/plain_text";
import { dayName, exactTime, useNow } from "../../ui/time";
import { folded, timeOfDay } from "./log_text";

const levelInk: Partial<Record<LogLine["level"], string>> = {
  warn: "text-oma-warning-ink",
  error: "text-oma-error-ink",
};

export type RowProps = {
  line: LogLine;
  agent: Teammate;
  /** What is searched for. */
  q: string;
  /** It is the first of its day. */
  startsDay: boolean;
  /** Where the list is narrow, the text stands below the rest. */
  stacked: boolean;
  /** It has more to show than one line. */
  long: boolean;
  open: boolean;
  onToggle: () => void;
  /** Null while the agent has no conversation here. */
  onChat: (() => void) | null;
  /** The line before is another agent's: the keyboard stops at the first name only. */
  stops: boolean;
};

function Name({ agent, onChat, stops }: Pick<RowProps, "agent" | "onChat" | "stops">) {
  const shape = `is-${agent.role} max-w-full justify-self-start truncate font-sans text-small font-medium text-accent-ink`;
  if (!onChat) return <span className={shape}>{agent.displayName}</span>;
  return (
    <button
      type="button"
      tabIndex={stops ? 0 : -1}
      onClick={onChat}
      title={`Open the chat with ${agent.displayName}`}
      className={`${shape} rounded-xs underline-offset-3 hover:underline focus-visible:outline-offset-1`}
    >
      {agent.displayName}
    </button>
  );
}

const foldedShape = {
  wide: "overflow-hidden text-ellipsis whitespace-pre",
  stacked: "order-last col-span-4 line-clamp-8 wrap-anywhere whitespace-pre-wrap",
};
const openShape = {
  wide: "whitespace-pre-wrap wrap-anywhere",
  stacked: "order-last col-span-4 wrap-anywhere whitespace-pre-wrap",
};

function Message({
  line,
  q,
  stacked,
  long,
  open,
}: Pick<RowProps, "line" | "q" | "stacked" | "long" | "open">) {
  const text = plainText(line.message);
  const shape = (open ? openShape : foldedShape)[stacked ? "stacked" : "wide"];
  return (
    <span className={`min-w-0 ${shape} ${long ? "cursor-pointer" : ""}`}>
      {line.source && <span className="text-oma-subtle">{plainText(line.source)} </span>}
      <Found text={open || stacked ? text : folded(text)} words={[q]} />
    </span>
  );
}

function Day({ at }: { at: number }) {
  return (
    <div className="hairlines flex items-center gap-3 px-[18px] py-2 text-micro text-oma-subtle">
      {dayName(at, useNow())}
    </div>
  );
}

/** A line: time, level, who, text; on the phone the text below the others. */
export function LogRow(props: RowProps) {
  const { line, agent, q, startsDay, stacked, long, open, onToggle, onChat, stops } = props;
  const at = Date.parse(line.timestamp);
  return (
    <>
      {startsDay && <Day at={at} />}
      <div
        className={`group grid font-mono text-code [font-variant-ligatures:none] hover:bg-oma-hover ${stacked ? "grid-cols-[auto_auto_minmax(0,1fr)_auto] gap-x-2.5 px-3.5 py-1.5" : "grid-cols-[88px_40px_60px_minmax(0,1fr)_18px] gap-x-3 px-[18px] py-px"} ${line.level === "error" ? "error-line" : ""}`}
      >
        <time dateTime={line.timestamp} title={exactTime(at)} className="text-oma-subtle">
          {timeOfDay(line.timestamp)}
        </time>
        <span className={`text-micro leading-5 ${levelInk[line.level] ?? "text-oma-subtle"}`}>
          {line.level}
        </span>
        <Name agent={agent} onChat={onChat} stops={stops} />
        <Message line={line} q={q} stacked={stacked} long={long} open={open} />
        {long && (
          <button
            type="button"
            aria-expanded={open}
            aria-label={open ? "Fold the line" : "Show the whole line"}
            title={open ? "Fold the line" : "Show the whole line"}
            onClick={onToggle}
            className={`grid place-items-center rounded-xs text-oma-subtle group-hover:text-oma-text ${stacked ? "-my-3 -mr-3 size-11" : "h-5 w-[18px]"}`}
          >
            <ChevronRight
              size={14}
              aria-hidden="true"
              className={`transition-transform duration-150 ${open ? "rotate-90" : ""}`}
            />
          </button>
        )}
      </div>
    </>
  );
}
