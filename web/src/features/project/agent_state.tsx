import { works } from "../../api/types";
import { Dot, NeedsYou } from "../../ui/parts";
import { runWords } from "../../ui/words";
import type { Card } from "./cards";

/** How one of the team is now, by shape and by word. */
export function AgentState({
  run,
}: {
  run: Pick<NonNullable<Card["run"]>, "status" | "busy" | "external" | "attention"> | null;
}) {
  if (!run) {
    return (
      <span className="is-idle inline-flex items-center gap-[7px] font-medium text-oma-muted">
        <Dot shape="hollow" />
        Asleep
      </span>
    );
  }
  if (run.attention) return <NeedsYou />;
  if (!works(run)) {
    return (
      <span className="is-ok inline-flex items-center gap-[7px] font-medium">
        <Dot />
        Your turn
      </span>
    );
  }
  return (
    <span className="inline-flex items-center gap-[7px] font-medium">
      <Dot shape="live" />
      {runWords[run.status]}
    </span>
  );
}
