import { Link } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import type { Agent, Project } from "../../api/types";
import { Mascot } from "../../ui/mascots";
import { useAgent } from "../../api/team";

const tasks: Record<string, string> = {
  architect: "plans",
  coder: "writes code",
  reviewer: "reads critically",
  tester: "tries it out",
};

export function TeamChoice({
  team,
  chosen,
  onChoose,
}: {
  team: Agent[];
  chosen: string;
  onChoose: (name: string) => void;
}) {
  return (
    <div role="radiogroup" aria-label="Agent" className="grid grid-cols-4 gap-2 max-desk:grid-cols-2">
      {team.map((agent) => (
        <button
          key={agent.name}
          type="button"
          role="radio"
          aria-checked={agent.name === chosen}
          onClick={() => {
            onChoose(agent.name);
          }}
          className="grid w-[160px] content-start justify-items-center gap-1 rounded-xl border border-transparent px-2 py-3 max-desk:w-[132px] text-center transition-colors duration-150 hover:bg-oma-hover aria-checked:border-oma-control aria-checked:bg-oma-select"
        >
          <Mascot role={agent.role} size={44} asleep={agent.name !== chosen} />
          <span className="mt-1 font-serif text-name">{agent.displayName}</span>
          <span className="text-micro text-oma-subtle">
            {agent.role}, {tasks[agent.role]}
          </span>
        </button>
      ))}
    </div>
  );
}

/** One work session per project: whoever has it is named, with the way there. */
export function TakenBy({ project }: { project: Project }) {
  const run = project.activeRun;
  const agent = useAgent(run?.agentName ?? "");
  if (!run?.threadId) return null;
  return (
    <p role="status" className="text-small text-balance text-oma-muted">
      <CircleAlert size={14} className="mr-1.5 inline align-[-2px] text-oma-warning-ink" aria-hidden="true" />
      {agent.displayName} has this project’s work session. A new one starts when that has ended.{" "}
      <Link
        to="/projects/$projectId/threads/$threadId"
        params={{ projectId: project.id, threadId: run.threadId }}
        className="text-oma-text underline underline-offset-3"
      >
        Open it
      </Link>
    </p>
  );
}
