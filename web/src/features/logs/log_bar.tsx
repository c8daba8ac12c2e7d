import { ChevronDown, Copy, Download, Pause, Play } from "lucide-react";
import type { Agent } from "../../api/types";
import { useTeam } from "../../api/team";
import { IconButton } from "../../ui/button";
import { Menu, MenuChoices } from "../../ui/menu";
import { Dot, Spinner } from "../../ui/parts";
import { SearchBox } from "../../ui/search_box";
import { isLevel, levels, withAgentSwitched, type LogFilters } from "./filters";
import type { LogSnapshot } from "./log_feed";
import type { LogFiles } from "./use_log_files";

const chip =
  "inline-flex h-[30px] flex-none items-center gap-[7px] rounded-full border px-3 text-ui transition-colors duration-150 max-desk:h-11 max-desk:px-3.5";

/** A click switches an agent's lines; with Shift only they are left. */
function AgentChip({
  agent,
  on,
  onSwitch,
}: {
  agent: Agent;
  on: boolean;
  onSwitch: (only: boolean) => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={on}
      title={`Shift and click: only ${agent.displayName}`}
      onClick={(event) => {
        onSwitch(event.shiftKey);
      }}
      className={`is-${agent.role} ${chip} ${on ? "border-oma-line-bright bg-oma-select text-oma-text" : "border-oma-line text-oma-subtle hover:text-oma-text"}`}
    >
      <Dot shape={on ? "solid" : "hollow"} />
      {agent.displayName}
    </button>
  );
}

const levelWords = {
  debug: { name: "all levels", note: "Every line" },
  info: { name: "info and above", note: "Without what is for debugging" },
  warn: { name: "warn and above", note: "What may want a look" },
  error: { name: "error only", note: "What went wrong" },
};

function LevelMenu({
  filters,
  onFilters,
}: {
  filters: LogFilters;
  onFilters: (filters: LogFilters) => void;
}) {
  return (
    <Menu
      trigger={
        <button
          type="button"
          title="Which levels are shown"
          className={`${chip} border-oma-line-bright bg-oma-select text-oma-text`}
        >
          {levelWords[filters.level].name}
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      }
    >
      <MenuChoices
        label="Levels"
        value={filters.level}
        choices={levels.map((level) => ({
          value: level,
          ...levelWords[level],
          title: levelWords[level].note,
        }))}
        onChoose={(level) => {
          if (isLevel(level)) onFilters({ ...filters, level });
        }}
      />
    </Menu>
  );
}

export function FileButtons({ files, shown }: { files: LogFiles; shown: number }) {
  return (
    <>
      <IconButton label="Copy these lines" disabled={shown === 0} onClick={files.copy}>
        <Copy size={16} aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Download all that fit"
        disabled={files.saving || shown === 0}
        aria-busy={files.saving}
        onClick={files.save}
      >
        {files.saving ? <Spinner /> : <Download size={16} aria-hidden="true" />}
      </IconButton>
    </>
  );
}

/** How many lines a search has found, as far as it is known. */
function foundWords({ shown, older, phase }: LogSnapshot): string | null {
  if (phase !== "ready") return null;
  return `${shown.length.toLocaleString("en")}${older === null ? "" : "+"}`;
}

/** What of the log is wanted, and what is done with it. */
export function LogBar({
  log,
  filters,
  onFilters,
  onPause,
  files,
}: {
  log: LogSnapshot;
  filters: LogFilters;
  onFilters: (filters: LogFilters) => void;
  onPause: () => void;
  files: LogFiles;
}) {
  const team = useTeam();
  const names = team.map(({ name }) => name);
  return (
    <div className="flex flex-wrap items-center gap-2 pb-3.5 max-desk:pb-3">
      <div
        role="group"
        aria-label="Agents"
        className="flex gap-2 max-desk:-mx-4 max-desk:w-[calc(100%+32px)] max-desk:overflow-x-auto max-desk:px-4 max-desk:py-0.5 max-desk:[scrollbar-width:none]"
      >
        {team.map((agent) => (
          <AgentChip
            key={agent.name}
            agent={agent}
            on={filters.agents.length === 0 || filters.agents.includes(agent.name)}
            onSwitch={(only) => {
              const agents = only ? [agent.name] : withAgentSwitched(filters.agents, names, agent.name);
              onFilters({ ...filters, agents });
            }}
          />
        ))}
      </div>
      <span className="mx-0.5 h-4 w-px bg-oma-line-bright max-desk:hidden" />
      <LevelMenu filters={filters} onFilters={onFilters} />
      <span className="flex-1 max-desk:hidden" />
      <SearchBox
        label="Search the log"
        group="Log"
        className="w-[264px] max-desk:w-auto"
        value={filters.q}
        count={filters.q === "" ? null : foundWords(log)}
        onChange={(q) => {
          onFilters({ ...filters, q });
        }}
      />
      <IconButton
        label={log.paused ? "Go on (Space)" : "Pause (Space)"}
        aria-pressed={log.paused}
        onClick={onPause}
      >
        {log.paused ? <Play size={16} aria-hidden="true" /> : <Pause size={16} aria-hidden="true" />}
      </IconButton>
      <span className="flex gap-2 max-desk:hidden">
        <FileButtons files={files} shown={log.shown.length} />
      </span>
    </div>
  );
}
