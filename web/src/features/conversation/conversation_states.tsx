import { Link } from "@tanstack/react-router";
import { RotateCcw, Unplug } from "lucide-react";
import type { Problem } from "../../api/client";
import type { Mode } from "../../api/types";
import { Button } from "../../ui/button";
import { Enso, Mascot } from "../../ui/mascots";
import { Delayed } from "../../ui/parts";
import type { Teammate } from "../../api/team";

// What stands in place of a conversation that is not there: missing, not loaded, loading, empty.

export function Missing({ projectId }: { projectId: string }) {
  return (
    <div className="grid h-full place-content-center justify-items-center gap-3 p-8 text-center">
      <h1 className="font-serif text-h3">There is no such thread</h1>
      <Link
        to="/projects/$projectId/threads"
        params={{ projectId }}
        className="text-oma-muted underline underline-offset-3"
      >
        All threads of this project
      </Link>
    </div>
  );
}

export function NotLoaded({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <div
      role="alert"
      className="grid flex-1 place-content-center justify-items-center gap-3.5 p-8 text-center"
    >
      <span className="is-error tint grid size-11 place-items-center rounded-full">
        <Unplug size={20} aria-hidden="true" />
      </span>
      <p className="font-serif text-h3">The conversation did not load</p>
      <p className="max-w-[320px] text-balance text-oma-muted">{problem.message} Your messages are safe.</p>
      <Button onClick={onRetry}>
        <RotateCcw size={16} aria-hidden="true" />
        Try again now
      </Button>
      <p className="font-mono text-micro text-oma-subtle">
        {problem.status || "no answer"}
        {problem.requestId && ` · request ${problem.requestId}`}
      </p>
    </div>
  );
}

export function Skeletons() {
  return (
    <Delayed>
      <div
        role="status"
        aria-busy="true"
        aria-label="Loading the conversation"
        className="mx-auto grid w-full max-w-[700px] flex-1 content-start gap-6 px-6 pt-8"
      >
        {[76, 40].map((height) => (
          <div key={height} className="grid gap-6">
            <div className="grid grid-cols-[32px_1fr] gap-3">
              <span className="skeleton size-8" />
              <div className="grid gap-2.5">
                <span className="skeleton h-3 w-20" />
                <span className="skeleton w-4/5" style={{ height }} />
              </div>
            </div>
            <span className="skeleton ml-auto h-[52px] w-3/5" />
          </div>
        ))}
      </div>
    </Delayed>
  );
}

export function Empty({ agent, mode }: { agent: Teammate; mode: Mode }) {
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-3.5 p-8 text-center">
      <span className="relative grid place-items-center text-oma-line">
        <Enso size={132} />
        <span className="absolute">
          <Mascot role={agent.role} size={64} />
        </span>
      </span>
      <p className="max-w-[290px] text-body text-balance text-oma-muted">
        Send a message to <b className="font-medium text-oma-text">{agent.displayName}</b>.{" "}
        {mode === "chat"
          ? "In chat mode they read and search the project, and change nothing."
          : "The first one prepares the workspace and starts the session."}
      </p>
    </div>
  );
}
