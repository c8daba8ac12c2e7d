import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { asProblem } from "../../../api/client";
import { queries } from "../../../api/queries";
import type { Agent, Run, Thread } from "../../../api/types";
import { isEnded } from "../../../api/types";
import { Button } from "../../../ui/button";
import { Delayed, Dot } from "../../../ui/parts";
import { duration, Lasting, RelativeTime } from "../../../ui/time";
import { dollars, runWords } from "../../../ui/words";
import { AgentState } from "../agent_state";

const cell = "px-4 py-3 max-desk:px-3";

function Status({ run }: { run: Run }) {
  if (!isEnded(run.status)) return <AgentState run={run} />;
  const failed = run.status === "failed";
  return (
    <span
      title={run.errorMessage}
      className={`${failed ? "is-error text-oma-error-ink" : "is-ok"} inline-flex items-center gap-[7px]`}
    >
      <Dot />
      {runWords[run.status]}
    </span>
  );
}

function RunRow({ run, thread }: { run: Run; thread: Thread | undefined }) {
  return (
    <tr className={`is-${run.role}`}>
      <td className={`${cell} max-w-[320px] truncate font-medium`}>
        {thread ? (
          <Link
            to="/projects/$projectId/threads/$threadId"
            params={{ projectId: thread.projectId, threadId: thread.threadId }}
            className="underline-offset-3 hover:underline max-desk:py-2"
          >
            {thread.title || "New thread"}
          </Link>
        ) : (
          "A program’s run"
        )}
      </td>
      <td className={cell}>
        <Status run={run} />
      </td>
      <td className={`${cell} whitespace-nowrap max-desk:hidden`}>
        <RelativeTime at={run.startedAt} />
      </td>
      <td className={`${cell} font-mono text-micro whitespace-nowrap text-oma-muted`}>
        {run.completedAt ? (
          duration(Date.parse(run.completedAt) - Date.parse(run.startedAt))
        ) : (
          <Lasting since={run.startedAt} />
        )}
      </td>
      <td className={`${cell} text-right font-mono text-micro max-desk:hidden`}>{dollars(run.costUsd)}</td>
    </tr>
  );
}

function RunTable({ runs, threads }: { runs: readonly Run[]; threads: readonly Thread[] }) {
  return (
    <div className="sheet overflow-x-auto">
      <table className="w-full text-left text-small">
        <thead className="text-oma-subtle">
          <tr>
            <th className={`${cell} font-normal`}>Conversation</th>
            <th className={`${cell} font-normal`}>Status</th>
            <th className={`${cell} font-normal max-desk:hidden`}>Began</th>
            <th className={`${cell} font-normal`}>Took</th>
            <th className={`${cell} text-right font-normal max-desk:hidden`}>Cost</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-oma-line border-t border-oma-line">
          {runs.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              thread={threads.find(({ threadId }) => threadId === run.threadId)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the agent has done in this project, newest first; each run opens its conversation. */
export function AgentRuns({
  projectId,
  agent,
  threads,
}: {
  projectId: string;
  agent: Agent;
  threads: readonly Thread[];
}) {
  const list = useInfiniteQuery(queries.agentRuns(projectId, agent.name));
  const runs = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section aria-labelledby="runs" className="mt-7">
      <h3 id="runs" className="mb-3 font-serif text-h3">
        Runs
      </h3>
      {list.isPending && (
        <Delayed>
          <span
            className="skeleton block h-24 rounded-xl"
            aria-busy="true"
            aria-label="Loading the runs"
            role="status"
          />
        </Delayed>
      )}
      {list.isSuccess && runs.length === 0 && (
        <p className="text-oma-muted">{agent.displayName} has done nothing here yet.</p>
      )}
      {runs.length > 0 && <RunTable runs={runs} threads={threads} />}
      {list.error && (
        <p role="alert" className="mt-3 flex items-center gap-2 text-small text-oma-error-ink">
          The runs did not load. {asProblem(list.error).message}
          <Button size="small" onClick={() => void list.refetch()}>
            Try again
          </Button>
        </p>
      )}
      {list.hasNextPage && (
        <div className="mt-3">
          <Button size="small" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {list.isFetchingNextPage ? "Loading…" : "Earlier runs"}
          </Button>
        </div>
      )}
    </section>
  );
}
