import type { Mode } from "../../api/types";

/** What chat mode means, and why the mode could not be switched. */
export function ModeNote({
  name,
  mode,
  refused = false,
  onStop,
}: {
  name: string;
  mode: Mode;
  refused?: boolean;
  onStop?: () => void;
}) {
  const line = "px-4 pb-0.5 text-micro text-oma-muted";
  if (refused) {
    return (
      <p role="status" className={line}>
        {name} is in the middle of a turn: its mode can be switched when that is over.{" "}
        <button
          type="button"
          className="font-medium text-oma-text underline underline-offset-3"
          onClick={onStop}
        >
          Stop the turn
        </button>
      </p>
    );
  }
  if (mode === "work") return null;
  return <p className={line}>Chat: {name} reads and searches, and changes nothing.</p>;
}
