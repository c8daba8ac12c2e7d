import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Agent, Run, Thread } from "../../api/types";
import { Button } from "../../ui/button";
import { Mascot } from "../../ui/mascots";
import { Dot } from "../../ui/parts";
import { oneLine } from "../../ui/plain_text";
import { duration, RelativeTime } from "../../ui/time";
import { dollars } from "../../ui/words";

const shownFirst = 6;

function Result({ run }: { run: Run }) {
  const failed = run.status === "failed";
  const words = oneLine((failed ? run.errorMessage : run.outputSummary) ?? "");
  return (
    <span
      className={`${failed ? "is-error text-oma-error-ink" : "is-ok"} flex min-w-0 items-center gap-[7px]`}
    >
      <Dot />
      <span className="truncate">{words || (failed ? "Failed" : "Ended")}</span>
    </span>
  );
}

/** What was done here before: each run with its conversation, how long it took and what came of it. */
export function EarlierRuns({
  runs,
  agents,
  threads,
  projectId,
}: {
  runs: readonly Run[];
  agents: readonly Agent[];
  threads: readonly Thread[];
  projectId: string;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? runs : runs.slice(0, shownFirst);
  const cell = "px-4 py-3 max-desk:px-3";
  return (
    <section aria-labelledby="earlier" className="mt-9">
      <div className="mb-3 flex items-center">
        <h3 id="earlier" className="flex-1 font-serif text-h3">
          Earlier
        </h3>
        {runs.length > shownFirst && (
          <Button
            kind="ghost"
            size="small"
            onClick={() => {
              setAll(!all);
            }}
          >
            {all ? "Fewer" : "All runs"}
          </Button>
        )}
      </div>
      <div className="sheet overflow-x-auto">
        <table className="w-full text-left text-small">
          <thead className="text-oma-subtle">
            <tr>
              <th className={`${cell} font-normal`}>Conversation</th>
              <th className={`${cell} font-normal max-desk:hidden`}>Agent</th>
              <th className={`${cell} font-normal`}>Took</th>
              <th className={`${cell} text-right font-normal max-desk:hidden`}>Cost</th>
              <th className={`${cell} font-normal`}>Result</th>
              <th className={`${cell} text-right font-normal max-desk:hidden`}>Ended</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-oma-line border-t border-oma-line">
            {shown.map((run) => {
              const agent = agents.find(({ name }) => name === run.agentName);
              const thread = threads.find(({ threadId }) => threadId === run.threadId);
              const end = run.completedAt ?? run.startedAt;
              return (
                <tr key={run.id}>
                  <td className={`${cell} max-w-[280px] truncate font-medium`}>
                    {thread ? (
                      <Link
                        to="/projects/$projectId/threads/$threadId"
                        params={{ projectId, threadId: thread.threadId }}
                        className="underline-offset-3 hover:underline max-desk:py-2"
                      >
                        {thread.title || "New thread"}
                      </Link>
                    ) : (
                      "A program’s run"
                    )}
                  </td>
                  <td className={`${cell} max-desk:hidden`}>
                    <span className="flex items-center gap-2">
                      <Mascot role={run.role} size={20} asleep />
                      {agent?.displayName ?? run.agentName}
                    </span>
                  </td>
                  <td className={`${cell} font-mono text-micro whitespace-nowrap text-oma-muted`}>
                    {duration(Date.parse(end) - Date.parse(run.startedAt))}
                  </td>
                  <td className={`${cell} text-right font-mono text-micro max-desk:hidden`}>
                    {dollars(run.costUsd)}
                  </td>
                  <td className={`${cell} max-w-[220px]`}>
                    <Result run={run} />
                  </td>
                  <td className={`${cell} text-right whitespace-nowrap max-desk:hidden`}>
                    <RelativeTime at={end} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
