import { RotateCcw, Unplug } from "lucide-react";
import { useEffect } from "react";
import type { Problem } from "../../api/client";
import { Button } from "../../ui/button";
import { Enso, Mascot } from "../../ui/mascots";
import { Delayed } from "../../ui/parts";
import { noFilters, type LogFilters } from "./filters";
import type { LogFeed, LogSnapshot } from "./log_feed";

// What stands in place of lines that are not there: loading, none, none that fit, not loaded.

const widths = ["62%", "38%", "71%", "45%", "54%", "30%", "66%", "49%"];

/** Also while a search has found nothing yet: it goes on into the past. */
export function Skeletons({ log, feed }: { log: LogSnapshot; feed: LogFeed }) {
  const { older, olderFailed, loadingOlder } = log;
  useEffect(() => {
    if (older !== null && !olderFailed && !loadingOlder) void feed.loadOlder();
  }, [older, olderFailed, loadingOlder, feed]);
  return (
    <Delayed>
      <div
        role="status"
        aria-busy="true"
        aria-label="Loading the log"
        className="grid content-start gap-2.5 px-[18px] py-3.5"
      >
        {widths.map((width) => (
          <div
            key={width}
            className="grid grid-cols-[88px_40px_60px_minmax(0,1fr)] gap-3 max-desk:grid-cols-[88px_40px_60px]"
          >
            <span className="skeleton h-3" />
            <span className="skeleton h-3" />
            <span className="skeleton h-3" />
            <span className="skeleton h-3 max-desk:col-span-3" style={{ width }} />
          </div>
        ))}
      </div>
    </Delayed>
  );
}

const mascot = "reviewer";
const shape = "grid grow place-content-center justify-items-center gap-3.5 overflow-y-auto p-8 text-center";

export function Nothing({
  isFiltered,
  onFilters,
}: {
  isFiltered: boolean;
  onFilters: (filters: LogFilters) => void;
}) {
  return (
    <div className={shape}>
      <span className="relative grid place-items-center text-oma-line">
        <Enso size={132} />
        <span className="absolute">
          <Mascot role={mascot} size={64} asleep={!isFiltered} />
        </span>
      </span>
      <p className="max-w-[340px] text-body text-balance text-oma-muted">
        {isFiltered
          ? "No line fits these filters. New ones that do will stand here as they come."
          : "No lines yet. What the agents do, and what programs report, stands here as it happens."}
      </p>
      {isFiltered ? (
        <Button
          onClick={() => {
            onFilters(noFilters);
          }}
        >
          Clear filters
        </Button>
      ) : (
        <Button
          kind="ghost"
          size="small"
          onClick={() => {
            onFilters({ ...noFilters, level: "debug" });
          }}
        >
          Show debug lines too
        </Button>
      )}
    </div>
  );
}

export function Failed({ problem, onRetry }: { problem: Problem | null; onRetry: () => void }) {
  return (
    <div role="alert" className={shape}>
      <span className="is-error tint grid size-11 place-items-center rounded-full">
        <Unplug size={20} aria-hidden="true" />
      </span>
      <p className="font-serif text-h3">The log did not load</p>
      <p className="max-w-[320px] text-balance text-oma-muted">{problem?.message} Its lines are safe.</p>
      <Button onClick={onRetry}>
        <RotateCcw size={16} aria-hidden="true" />
        Try again now
      </Button>
      {problem && (
        <p className="font-mono text-micro text-oma-subtle">
          {problem.status || "no answer"}
          {problem.requestId && ` · request ${problem.requestId}`}
        </p>
      )}
    </div>
  );
}
