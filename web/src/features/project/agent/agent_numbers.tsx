import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../../api/client";
import { queries } from "../../../api/queries";
import type { RunTotals } from "../../../api/types";
import { Button } from "../../../ui/button";
import { dollars } from "../../../ui/words";

const shortNumber = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const read = ({ usage }: RunTotals) => usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;

const numbers: { name: string; of: (totals: RunTotals) => string }[] = [
  { name: "Runs", of: ({ runs }) => String(runs) },
  { name: "Completed", of: ({ completed }) => String(completed) },
  { name: "Failed", of: ({ failed }) => String(failed) },
  { name: "Cost", of: ({ costUsd }) => dollars(costUsd) },
  { name: "Tokens read", of: (totals) => shortNumber.format(read(totals)) },
  { name: "Tokens written", of: ({ usage }) => shortNumber.format(usage.outputTokens) },
];

/** What its runs come to, here and in all projects. */
export function AgentNumbers({ projectId, agentName }: { projectId: string; agentName: string }) {
  const { data, error, refetch } = useQuery(queries.agentTotals(projectId, agentName));
  if (error && !data) {
    return (
      <p role="alert" className="mt-4 flex items-center gap-2 text-small text-oma-error-ink">
        The numbers did not load. {asProblem(error).message}
        <Button size="small" onClick={() => void refetch()}>
          Try again
        </Button>
      </p>
    );
  }
  return (
    <dl
      aria-label="Numbers"
      className="relative mt-4 grid grid-cols-[repeat(auto-fit,minmax(112px,1fr))] gap-x-4 gap-y-3 border-t border-oma-line pt-4"
    >
      {numbers.map(({ name, of }) => (
        <div key={name} className="grid content-start gap-px">
          <dt className="text-micro text-oma-subtle">{name}</dt>
          <dd className="font-mono text-body font-medium tabular-nums">{data ? of(data.here) : "\u00a0"}</dd>
          <dd className="text-micro text-oma-subtle tabular-nums">
            {data && of(data.everywhere) !== of(data.here)
              ? `${of(data.everywhere)} in all projects`
              : "\u00a0"}
          </dd>
        </div>
      ))}
    </dl>
  );
}
