import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { queries } from "../../api/queries";
import { useKeys } from "../../ui/keys";
import { filtersOf, searchOf, type LogFilters, type LogSearch } from "./filters";
import { LogBar } from "./log_bar";
import { LogFooter } from "./log_footer";
import { LogList } from "./log_list";
import { Failed, Nothing, Skeletons } from "./log_states";
import { useLog } from "./use_log";
import { useLogFiles } from "./use_log_files";

/** The filters of the address, and how to change them there. */
function useFilters() {
  const { agents, level, q } = useSearch({ strict: false });
  const navigate = useNavigate();
  const filters = useMemo(() => filtersOf({ agents, level, q }), [agents, level, q]);
  const setFilters = (next: LogFilters) =>
    void navigate({
      to: ".",
      search: ({ chat }: { chat?: string }) => ({ ...(chat ? { chat } : {}), ...searchOf(next) }),
      replace: true,
    } as never);
  return { filters, setFilters, isFiltered: Object.keys(searchOf(filters) satisfies LogSearch).length > 0 };
}

/** What every agent of a project wrote while it worked, live. `onChat` opens a conversation beside it. */
export function LogViewer({ projectId, onChat }: { projectId: string; onChat: (threadId: string) => void }) {
  const { data: project } = useQuery(queries.project(projectId));
  const { data: runs } = useQuery(queries.runs(projectId));
  const { filters, setFilters, isFiltered } = useFilters();
  const { log, feed } = useLog(projectId, filters);
  // Other filters open at their end.
  const [reader, setReader] = useState({ filters, atEnd: true });
  const atEnd = reader.filters !== filters || reader.atEnd;
  const onAtEnd = useCallback(
    (now: boolean) => {
      setReader({ filters, atEnd: now });
      feed.setAtEnd(now);
    },
    [filters, feed],
  );
  const name = project?.name ?? "Project";
  useEffect(() => {
    document.title = `Logs · ${name} · Omakase`;
  }, [name]);
  const files = useLogFiles(projectId, name, filters, log);
  const togglePause = () => {
    if (log.paused) feed.resume();
    else feed.pause();
  };
  useKeys([{ keys: ["Space"], does: "Pause, go on", group: "Log", run: togglePause }]);
  const chatOf = (agentName: string) => {
    const threadId = runs?.items.find((run) => run.agentName === agentName && run.threadId)?.threadId;
    return threadId
      ? () => {
          onChat(threadId);
        }
      : null;
  };
  return (
    <section
      aria-labelledby="logs"
      data-fills
      className="flex min-h-[320px] grow basis-0 flex-col pt-5 max-desk:pt-0"
    >
      <h2 id="logs" className="sr-only">
        Logs
      </h2>
      <LogBar log={log} filters={filters} onFilters={setFilters} onPause={togglePause} files={files} />
      <div className="sheet flex min-h-0 grow basis-0 flex-col overflow-hidden">
        {log.phase === "failed" ? (
          <Failed problem={log.problem} onRetry={() => void feed.open()} />
        ) : log.shown.length > 0 ? (
          <LogList
            key={JSON.stringify(filters)}
            log={log}
            feed={feed}
            q={filters.q}
            atEnd={atEnd}
            onAtEnd={onAtEnd}
            onChat={chatOf}
          />
        ) : log.phase === "loading" || log.older !== null ? (
          <Skeletons log={log} feed={feed} />
        ) : (
          <Nothing isFiltered={isFiltered} onFilters={setFilters} />
        )}
      </div>
      <LogFooter log={log} feed={feed} atEnd={atEnd} files={files} />
    </section>
  );
}
