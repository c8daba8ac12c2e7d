import { Hourglass } from "lucide-react";
import type { Silence } from "../../api/types";
import { Button } from "../../ui/button";
import { useNow, wholeSeconds } from "../../ui/time";

/** Nothing comes from the agent: for how long, what it waits for, when the turn is stopped by itself. */
export function SilenceBanner({
  silence,
  stopping,
  onStop,
}: {
  silence: Silence;
  stopping: boolean;
  /** Null for whom only reads. */
  onStop: (() => void) | null;
}) {
  const now = useNow(1000);
  const silent = Math.max(0, now - Date.parse(silence.since));
  return (
    <div
      role="status"
      aria-label="Silence"
      className="warning-ground relative z-2 flex items-center gap-[9px] border-b border-oma-line py-1 pr-2 pl-[18px] text-small text-oma-muted max-desk:pl-4"
    >
      <Hourglass size={14} className="flex-none" aria-hidden="true" />
      <span className="min-w-0 flex-1">
        <span className="text-oma-text">
          Silent for <span className="tabular-nums">{wholeSeconds(silent)}</span>
        </span>{" "}
        · waiting for the {silence.waitingFor === "model" ? "model" : "agent’s program"} · stops at{" "}
        {wholeSeconds(silence.limitSeconds * 1000)}
      </span>
      {onStop && (
        <Button kind="ghost" size="small" className="text-oma-text!" disabled={stopping} onClick={onStop}>
          {stopping ? "Stopping…" : "Stop"}
        </Button>
      )}
    </div>
  );
}
