import { Check, ChevronRight, TriangleAlert, X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import type { Setup, SetupState } from "../../api/types";
import { Spinner } from "../../ui/parts";
import { plainText, showHidden } from "../../ui/plain_text";
import { duration } from "../../ui/time";
import { useDisclosure } from "./disclosure";
import { setupState, type SetupRun } from "./rows";

const names: Record<string, string> = {
  clone: "Clone",
  fetch: "Fetch",
  changes: "Your changes",
  install: "Dependencies",
  context: "Context",
  agent: "Agent",
};

const marks: Record<SetupState, ReactNode> = {
  running: <Spinner />,
  done: <Check size={14} className="text-oma-success-ink" aria-label="Done" />,
  warning: <TriangleAlert size={14} className="text-oma-warning-ink" aria-label="Warning" />,
  failed: <X size={14} className="text-oma-error-ink" aria-label="Failed" />,
};

function totalMs(run: SetupRun): number {
  const ready = run.steps.find((step) => step.step === "ready")?.elapsedMs;
  return ready ?? run.steps.reduce((sum, step) => sum + (step.elapsedMs ?? 0), 0);
}

function Headline({ run }: { run: SetupRun }) {
  const state = setupState(run);
  if (state === "failed")
    return <b className="font-medium text-oma-text">The workspace could not be prepared</b>;
  if (state === "done") {
    return (
      <>
        <b className="font-medium text-oma-text">Workspace ready</b> in {duration(totalMs(run))}
      </>
    );
  }
  const current = run.steps.at(-1);
  return (
    <>
      <b className="font-medium text-oma-text">Preparing the workspace</b>
      {current && <span className="max-desk:hidden"> · {names[current.step] ?? current.step}</span>}
    </>
  );
}

function Step({ step }: { step: Setup }) {
  return (
    <li className="grid grid-cols-[16px_110px_minmax(0,1fr)_auto] items-center gap-x-2.5 max-desk:grid-cols-[16px_92px_minmax(0,1fr)]">
      <span className="grid place-items-center">{marks[step.state]}</span>
      <span>{names[step.step] ?? step.step}</span>
      <span className="truncate" title={step.detail}>
        {showHidden(step.detail)}
      </span>
      <span className="font-mono text-micro text-oma-subtle max-desk:hidden">
        {step.elapsedMs === undefined ? "" : duration(step.elapsedMs)}
      </span>
    </li>
  );
}

const shownLines = 200;

/** A progress counter's last line stands for those before it. */
function withoutProgress(lines: string[]): string[] {
  const counterOf = (line = "") => /^(.*?)\d+%/.exec(line)?.[1] ?? null;
  return lines.filter((line, index) => {
    const counter = counterOf(line);
    return counter === null || counter !== counterOf(lines[index + 1]);
  });
}

/** Raw output, following its end while it grows. */
function Output({ text }: { text: string }) {
  const box = useRef<HTMLPreElement>(null);
  const shown = withoutProgress(plainText(text).trimEnd().split("\n")).slice(-shownLines).join("\n");
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [shown]);
  if (shown === "") return null;
  return (
    <pre
      ref={box}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
      tabIndex={0}
      aria-label="Set-up output"
      className="mx-3.5 mb-3.5 max-h-52 overflow-auto rounded-lg border border-oma-line bg-oma-well px-3.5 py-2.5 font-mono text-code text-oma-muted"
    >
      {shown}
    </pre>
  );
}

/** The output worth showing: of what failed, else of what runs, else of the last step that said something. */
function outputOf(run: SetupRun, live: Readonly<Record<string, string>>): string {
  const textOf = (step: Setup) => step.output ?? live[step.step] ?? "";
  const speaking =
    run.steps.find((step) => step.state === "failed") ??
    run.steps.find((step) => step.state === "running") ??
    run.steps.findLast((step) => textOf(step) !== "");
  return speaking ? textOf(speaking) : "";
}

/** The preparation of a run's workspace: open while it goes on, folded when done, open again on failure. */
export function SetupCard({ run, live }: { run: SetupRun; live: Readonly<Record<string, string>> }) {
  const state = setupState(run);
  // A person's choice holds within a state; the card folds itself when the workspace is ready.
  const [open, toggle] = useDisclosure(`setup:${run.runId}:${state}`, state !== "done");
  const stepsId = useId();
  const steps = run.steps.filter((step) => step.step !== "ready");
  const note = run.steps.find((step) => step.step === "install")?.detail;
  return (
    <section
      aria-label="Workspace set-up"
      className={`@container rounded-lg border bg-oma-glass-sm ${state === "failed" ? "border-oma-error/50" : "border-oma-line"}`}
    >
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? stepsId : undefined}
        onClick={toggle}
        className="flex min-h-10 w-full items-center gap-2.5 rounded-lg px-3.5 py-2.5 text-left text-small text-oma-muted"
      >
        <span className="grid w-4 flex-none place-items-center">
          {state === "running" ? <Spinner /> : marks[state]}
        </span>
        <span className="min-w-0 flex-1 truncate">
          <Headline run={run} />
        </span>
        {note && state === "done" && (
          <span className="truncate text-micro text-oma-subtle @max-md:hidden">{showHidden(note)}</span>
        )}
        <ChevronRight
          size={14}
          className={`flex-none text-oma-subtle transition-transform duration-150 ${open ? "rotate-90" : ""}`}
        />
      </button>
      {open && (
        <div id={stepsId}>
          <ol className="grid gap-[7px] px-3.5 pt-0.5 pb-3 text-small text-oma-muted">
            {steps.map((step) => (
              <Step key={step.step} step={step} />
            ))}
          </ol>
          <Output text={outputOf(run, live)} />
        </div>
      )}
    </section>
  );
}
