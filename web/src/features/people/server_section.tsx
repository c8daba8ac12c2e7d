import { asProblem } from "../../api/client";
import { useDoctor } from "../../api/may";
import type { Check } from "../../api/types";
import { Button } from "../../ui/button";
import { Command, Delayed, Dot } from "../../ui/parts";
import { Section, Trouble } from "../../ui/section";

const tones = { ok: "is-ok", warning: "is-warning", missing: "is-error" };
const words = { ok: "Ready", warning: "Could be better", missing: "Missing" };
const inks = { ok: "text-oma-muted", warning: "text-oma-warning-ink", missing: "text-oma-error-ink" };

function Row({ check }: { check: Check }) {
  return (
    <li className={`${tones[check.state]} grid gap-2 border-t border-oma-line py-2.5 first:border-t-0`}>
      <div className="flex items-baseline gap-3">
        <Dot shape={check.state === "ok" ? "solid" : "hollow"} />
        <span className="min-w-0 flex-1 wrap-anywhere">
          {check.title}
          <span className="block text-small text-oma-muted">{check.detail}</span>
        </span>
        <span className={`flex-none text-small ${inks[check.state]}`}>{words[check.state]}</span>
      </div>
      {check.command && check.state !== "ok" && (
        <div className="pl-[19px]">
          <Command text={check.command} />
        </div>
      )}
    </li>
  );
}

/** How the machine stands: what `omakase doctor` says. */
export function ServerSection() {
  const { data, error, isFetching, refetch } = useDoctor();
  return (
    <Section title="Server" about="What runs need on this machine, as omakase doctor tells it.">
      {error && <Trouble>{asProblem(error).message}</Trouble>}
      {!data && !error && (
        <Delayed>
          <span role="status" aria-label="Checking this machine" className="skeleton h-9 w-full" />
        </Delayed>
      )}
      {data && (
        <ul>
          {data.checks.map((check) => (
            <Row key={check.id} check={check} />
          ))}
        </ul>
      )}
      <div>
        <Button size="small" disabled={isFetching} onClick={() => void refetch()}>
          {isFetching ? "Checking…" : "Check again"}
        </Button>
      </div>
    </Section>
  );
}
