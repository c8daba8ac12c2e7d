import { Dot } from "../../ui/parts";
import { isSameDay } from "../../ui/time";
import type { LogFeed, LogSnapshot } from "./log_feed";
import { FileButtons } from "./log_bar";
import { countOf } from "./log_text";
import type { LogFiles } from "./use_log_files";

/** "since 08:00", with the day when it is not today's. */
function sinceWords(timestamp: string): string {
  const at = new Date(timestamp);
  const day = isSameDay(at.getTime(), Date.now()) ? {} : ({ day: "numeric", month: "short" } as const);
  return `since ${at.toLocaleString(undefined, { ...day, hour: "2-digit", minute: "2-digit" })}`;
}

/** How much is there: while older lines are not loaded, it is only the newest ones. */
function Amount({ log: { shown, older } }: { log: LogSnapshot }) {
  const first = shown[0];
  if (!first) return null;
  return (
    <span className="truncate text-oma-muted">
      {older !== null && "Newest "}
      <span className="tabular-nums">{countOf(shown.length, "line")}</span>{" "}
      <span className="max-desk:hidden">{sinceWords(first.timestamp)}</span>
    </span>
  );
}

/** How the list stands to what is written now. */
export function LogFooter({
  log,
  feed,
  atEnd,
  files,
}: {
  log: LogSnapshot;
  feed: LogFeed;
  atEnd: boolean;
  files: LogFiles;
}) {
  const held = log.paused ? log.held.length + log.missed : 0;
  const following = !log.paused && atEnd && log.missed === 0;
  const state = log.paused ? "Paused" : following ? "Following" : "Scrolled up";
  return (
    <footer className="flex min-h-9 items-center gap-3 pt-1 text-small">
      <span
        role="status"
        className={`inline-flex flex-none items-center gap-2 pl-1 font-medium ${following ? "is-ok" : "is-idle"}`}
      >
        <Dot shape={following ? "live" : "hollow"} />
        {state}
      </span>
      {held > 0 ? (
        <span className="truncate text-oma-muted tabular-nums">{countOf(held, "new line")} held back</span>
      ) : (
        <Amount log={log} />
      )}
      <span className="flex-1" />
      {log.olderFailed ? (
        <span role="alert" className="flex-none text-oma-error-ink">
          Older lines did not load.{" "}
          <button
            type="button"
            className="underline underline-offset-3"
            onClick={() => void feed.loadOlder()}
          >
            Try again
          </button>
        </span>
      ) : (
        log.shown.length > 0 && (
          <span className="flex-none text-oma-subtle max-desk:hidden">Click a name to open that chat</span>
        )
      )}
      <span className="hidden flex-none max-desk:flex">
        <FileButtons files={files} shown={log.shown.length} />
      </span>
    </footer>
  );
}
