import { WifiOff } from "lucide-react";
import { Button } from "./button";
import { useNow } from "./time";

const quietMs = 3000;

/** Shows only when the connection has been away for three seconds, with the time to the next try. */
export function ConnectionBanner({
  connection: { downSince, retryAt },
  onNow,
}: {
  connection: { phase: string; downSince?: number | null; retryAt?: number };
  onNow: () => void;
}) {
  if (downSince === null || downSince === undefined) return null;
  return <Away downSince={downSince} retryAt={retryAt} onNow={onNow} />;
}

function Away({
  downSince,
  retryAt,
  onNow,
}: {
  downSince: number;
  retryAt: number | undefined;
  onNow: () => void;
}) {
  const now = useNow(1000);
  if (now - downSince < quietMs) return null;
  const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <div
      role="status"
      className="warning-ground relative z-2 flex items-center gap-[9px] border-b border-oma-line px-[18px] py-2 text-small text-oma-muted"
    >
      <WifiOff size={14} aria-hidden="true" />
      <span className="flex-1">
        Reconnecting…
        {seconds > 0 && (
          <>
            {" "}
            next try in <span className="font-mono text-micro">{seconds} s</span>
          </>
        )}
      </span>
      <Button kind="ghost" size="small" className="text-oma-text" onClick={onNow}>
        Now
      </Button>
    </div>
  );
}
