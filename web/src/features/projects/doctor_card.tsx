import { Check as CheckIcon, KeyRound, TriangleAlert, X } from "lucide-react";
import { asProblem } from "../../api/client";
import { useDoctor } from "../../api/may";
import type { Check, Doctor } from "../../api/types";
import { Button } from "../../ui/button";
import { Command, Delayed } from "../../ui/parts";

const tones = { ok: "is-ok", warning: "is-warning", missing: "is-error" };
const words = { ok: "Ready", warning: "Could be better", missing: "Missing" };

function Mark({ check }: { check: Check }) {
  const Icon =
    check.state === "ok"
      ? CheckIcon
      : check.id === "model"
        ? KeyRound
        : check.state === "warning"
          ? TriangleAlert
          : X;
  return (
    <span
      role="img"
      aria-label={words[check.state]}
      className={`${tones[check.state]} tint mt-px grid size-5 place-items-center rounded-full`}
    >
      <Icon size={13} strokeWidth={2} aria-hidden="true" />
    </span>
  );
}

function Item({ check, checking, onCheck }: { check: Check; checking: boolean; onCheck: () => void }) {
  return (
    <li className="grid grid-cols-[22px_minmax(0,1fr)_auto] items-start gap-x-3 py-3.5">
      <Mark check={check} />
      <div className="wrap-anywhere">
        <b className="font-medium">{check.title}</b>
        <div className="text-small text-oma-muted">{check.detail}</div>
      </div>
      {check.state === "missing" && (
        <Button size="small" disabled={checking} onClick={onCheck}>
          {checking ? "Checking…" : "Check again"}
        </Button>
      )}
      {check.command && check.state !== "ok" && (
        <div className="col-span-2 col-start-2 mt-2">
          <Command text={check.command} />
        </div>
      )}
    </li>
  );
}

function CheckList({
  doctor,
  checking,
  onCheck,
}: {
  doctor: Doctor;
  checking: boolean;
  onCheck: () => void;
}) {
  const ok = doctor.checks.filter((check) => check.state === "ok").length;
  const total = doctor.checks.length;
  const warned = doctor.checks.some((check) => check.state === "warning");
  return (
    <>
      <header className="flex items-center justify-between gap-3">
        <h2 className="font-serif text-h3">{ok === total ? "This machine" : "Before the first run"}</h2>
        <span className="font-mono text-micro text-oma-subtle">
          {ok} of {total}
        </span>
      </header>
      <div className="is-ok relative mt-1.5 mb-2 h-1 overflow-hidden rounded-full bg-oma-select">
        <i
          className="block h-full rounded-full bg-accent"
          style={{ width: `${String((100 * ok) / total)}%` }}
        />
      </div>
      <ul className="divide-y divide-oma-line">
        {doctor.checks.map((check) => (
          <Item key={check.id} check={check} checking={checking} onCheck={onCheck} />
        ))}
      </ul>
      {warned && !doctor.checks.some((check) => check.state === "missing") && (
        <Button size="small" className="mt-1" disabled={checking} onClick={onCheck}>
          {checking ? "Checking…" : "Check again"}
        </Button>
      )}
    </>
  );
}

/** What a run needs on this machine, what is missing, and how to get it. */
export function DoctorCard() {
  const { data, error, isFetching, refetch } = useDoctor();
  return (
    <section aria-label="Before the first run" className="sheet px-6 py-5 max-desk:p-4">
      {data ? (
        <CheckList doctor={data} checking={isFetching} onCheck={() => void refetch()} />
      ) : error ? (
        <div role="alert" className="grid justify-items-start gap-2 text-oma-muted">
          {asProblem(error).message}
          <Button size="small" onClick={() => void refetch()}>
            Try again
          </Button>
        </div>
      ) : (
        <Delayed>
          <div role="status" aria-busy="true" aria-label="Checking this machine" className="grid gap-4">
            {[0, 1, 2, 3, 4].map((row) => (
              <span key={row} className="skeleton h-9" />
            ))}
          </div>
        </Delayed>
      )}
    </section>
  );
}
