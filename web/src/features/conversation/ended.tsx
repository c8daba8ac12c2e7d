import { useNow } from "../../ui/time";

function agoWords(time: number, now: number): string {
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes === 1) return "a minute ago";
  if (minutes < 60) return `${String(minutes)} minutes ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return hours === 1 ? "an hour ago" : `${String(hours)} hours ago`;
  return `on ${new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "long" })}`;
}

/** The composer of an ended session. Starting again opens the usual one; the first message starts the session. */
export function Ended({
  agent,
  endedAt,
  onStart,
}: {
  agent: string;
  endedAt: string | null;
  onStart: () => void;
}) {
  const now = useNow();
  const time = endedAt ? Date.parse(endedAt) : null;
  return (
    <div className="veil edge rounded-xl border border-oma-outline shadow-[var(--oma-edge),var(--oma-shadow)]">
      <p
        role="status"
        className="border-b border-oma-line px-4 pt-3 pb-2 text-center text-small text-oma-muted"
      >
        This conversation has ended.{" "}
        <button
          type="button"
          onClick={onStart}
          className="font-medium text-oma-text underline underline-offset-3 max-desk:py-3"
        >
          Start again
        </button>
      </p>
      <textarea
        disabled
        rows={1}
        aria-label={`Message ${agent}`}
        placeholder={time ? `Ended ${agoWords(time, Math.max(now, time))}` : "Ended"}
        className="block min-h-12 w-full cursor-not-allowed resize-none bg-transparent px-4 py-3 text-body"
      />
    </div>
  );
}
