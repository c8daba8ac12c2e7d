import { Unplug } from "lucide-react";
import type { Problem } from "../../../api/client";
import type { Changes } from "../../../api/types";
import { Button } from "../../../ui/button";
import { Enso } from "../../../ui/mascots";
import { Delayed } from "../../../ui/parts";

// What stands in place of changes that are not there: no workspace yet, not loaded, none, on their way.

export function Early() {
  return (
    <div
      role="status"
      className="grid flex-1 place-content-center justify-items-center gap-3 p-8 text-center"
    >
      <Enso size={96} className="text-oma-line" />
      <p className="font-serif text-h3">There is no workspace yet</p>
      <p className="max-w-[320px] text-balance text-oma-muted">
        It is made when the session starts; what changes in it shows here.
      </p>
    </div>
  );
}

export function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <div
      role="alert"
      className="grid flex-1 place-content-center justify-items-center gap-3.5 p-8 text-center"
    >
      <span className="is-error tint grid size-11 place-items-center rounded-full">
        <Unplug size={20} aria-hidden="true" />
      </span>
      <p className="font-serif text-h3">The changes did not load</p>
      <p className="max-w-[320px] text-balance text-oma-muted">
        {problem.message} Nothing in the workspace is lost.
      </p>
      <Button onClick={onRetry}>Try again now</Button>
    </div>
  );
}

export function Nothing({ changes }: { changes: Changes }) {
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-3 p-8 text-center">
      <Enso size={96} className="text-oma-line" />
      <p className="font-serif text-h3">Nothing has changed</p>
      <p className="max-w-[290px] text-balance text-oma-muted">
        {changes.base
          ? "The workspace is as the repository has it."
          : "The repository has no commit yet, and the workspace no file."}
      </p>
    </div>
  );
}

export function Loading() {
  return (
    <Delayed>
      <div
        role="status"
        aria-busy="true"
        aria-label="Loading the changes"
        className="grid flex-1 content-start gap-2.5 p-4"
      >
        {["w-3/5", "w-4/5", "w-1/2", "w-full", "w-2/3", "w-11/12"].map((width) => (
          <span key={width} className={`skeleton h-4 ${width}`} />
        ))}
      </div>
    </Delayed>
  );
}
