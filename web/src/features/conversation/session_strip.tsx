import { FileDiff, GitBranch, ShieldAlert } from "lucide-react";
import { useState } from "react";
import type { Changes, StreamSession } from "../../api/types";
import { RelativeTime } from "../../ui/time";
import { dollars } from "../../ui/words";
import type { Caution } from "./cautions";

/** "31k", "1.2M": tokens as a person counts them. */
export function tokens(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1_000_000) return `${String(Math.round(count / 1000))}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

const warnFrom = 80;

/** `tight` leaves out the bar on the phone, where something graver needs the room. */
function ContextMeter({ used, room, tight }: { used: number; room: number; tight: boolean }) {
  const percent = Math.min(100, Math.round((100 * used) / room));
  const full = percent >= warnFrom;
  const advice = full ? " Soon the agent shortens the conversation to go on; a new thread starts empty." : "";
  return (
    <span
      role="meter"
      aria-label="Context used"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${tokens(used)} of ${tokens(room)}, ${String(percent)} percent`}
      title={`The conversation fills ${used.toLocaleString()} of ${room.toLocaleString()} tokens.${advice}`}
      className={`inline-flex items-center gap-[7px] ${full ? "is-warning text-oma-warning-ink" : ""}`}
    >
      <span className="@max-2xl:hidden">Context</span>
      <span
        className={`h-1 w-12 overflow-hidden rounded-full bg-oma-select ${tight ? "max-desk:hidden" : ""}`}
      >
        <span
          className={`block h-full rounded-full ${full ? "bg-oma-warning" : "bg-oma-subtle"}`}
          style={{ width: `${String(percent)}%` }}
        />
      </span>
      <span className="font-mono tracking-[-.01em]">
        <span className="max-desk:hidden">
          {tokens(used)} of {tokens(room)} ·{" "}
        </span>
        {percent} %
      </span>
    </span>
  );
}

/** What it has cost so far: a dash when nobody knows. */
function Cost({ usd }: { usd: number | undefined }) {
  return (
    <span
      title={usd === undefined ? "The cost is not known" : "What the model has cost in this session"}
      className="font-mono font-medium tracking-[-.01em] text-oma-text"
    >
      {dollars(usd)}
      {usd === undefined && <span className="sr-only">cost not known</span>}
    </span>
  );
}

function FileCount({ changes, open, onOpen }: { changes: Changes; open: boolean; onOpen: () => void }) {
  const { fileCount: count, additions, deletions } = changes;
  return (
    <button
      type="button"
      aria-pressed={open}
      onClick={onOpen}
      className="-mx-1.5 -my-1 inline-flex min-h-6 items-center gap-[7px] rounded-sm px-1.5 font-mono tracking-[-.01em] text-oma-text hover:bg-oma-hover max-desk:-my-1.5 max-desk:min-h-9"
    >
      <FileDiff size={14} className="text-oma-subtle" aria-hidden="true" />
      {count === 0 ? "no changes" : count === 1 ? "1 file" : `${String(count)} files`}
      {additions > 0 && <span className="text-oma-add-ink">+{additions}</span>}
      {deletions > 0 && <span className="text-oma-del-ink">−{deletions}</span>}
    </button>
  );
}

/** Under the head: the branch, what has changed, how full the conversation is, what it cost, and what to mind. */
export function SessionStrip({
  session,
  changes,
  practice,
  cautions,
  changesOpen,
  onChanges,
}: {
  session: StreamSession | null;
  changes: Changes | null;
  practice: boolean;
  cautions: readonly Caution[];
  changesOpen: boolean;
  onChanges: () => void;
}) {
  const [explained, setExplained] = useState(false);
  const branch = changes?.branch ?? session?.branch;
  if (!session && !changes) return null;
  const { contextTokens: used, contextWindow: room, costUsd: cost } = session ?? {};
  const priced = !practice && (used !== undefined || cost !== undefined);
  if (!branch && !changes && cautions.length === 0 && !priced) return null;
  return (
    <div className="veil @container relative z-2 border-b border-oma-line text-micro text-oma-muted">
      <div className="flex items-center gap-[18px] px-[18px] py-[7px] whitespace-nowrap max-desk:gap-3.5 max-desk:px-4">
        {branch && (
          <span className="inline-flex min-w-12 items-center gap-[7px]" title={`On the branch ${branch}`}>
            <GitBranch size={14} className="flex-none text-oma-subtle" aria-hidden="true" />
            <span className="truncate font-mono tracking-[-.01em] text-oma-text">{branch}</span>
            {session?.fetchedAt && (
              <span className="text-oma-subtle @max-3xl:hidden">
                fetched <RelativeTime at={session.fetchedAt} />
              </span>
            )}
          </span>
        )}
        {changes && <FileCount changes={changes} open={changesOpen} onOpen={onChanges} />}
        <span className="flex-1" />
        {cautions.length > 0 && (
          <button
            type="button"
            aria-expanded={explained}
            onClick={() => {
              setExplained(!explained);
            }}
            className="-my-1 inline-flex min-h-6 min-w-0 items-center gap-1.5 rounded-full border border-oma-line px-2 hover:bg-oma-hover aria-expanded:bg-oma-select max-desk:-my-1.5 max-desk:min-h-8"
          >
            <ShieldAlert size={13} className="flex-none text-oma-warning-ink" aria-hidden="true" />
            <span className="truncate max-desk:sr-only">
              {cautions.map(({ short }) => short).join(" · ")}
            </span>
          </button>
        )}
        {used !== undefined && room !== undefined && room > 0 && (
          <ContextMeter used={used} room={room} tight={cautions.length > 0} />
        )}
        {priced && <Cost usd={cost} />}
      </div>
      {explained && cautions.length > 0 && (
        <ul className="grid gap-1.5 border-t border-oma-line px-[18px] py-2.5 text-small whitespace-normal">
          {cautions.map(({ short, text }) => (
            <li key={short}>
              <b className="font-medium text-oma-text">{short}.</b> {text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
