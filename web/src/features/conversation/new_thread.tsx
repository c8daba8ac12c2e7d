import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft, CircleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { createThread } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { Agent, Project } from "../../api/types";
import { handOver } from "../../stream/chat";
import { useKeys } from "../../ui/keys";
import { Enso, Mascot } from "../../ui/mascots";
import { Composer, type ComposerHandle } from "./composer";
import { PracticeStrip } from "./practice_strip";
import { useAgent, useTeam } from "./team";

const tasks: Record<string, string> = {
  architect: "plans",
  coder: "writes code",
  reviewer: "reads critically",
  tester: "tries it out",
};

function TeamChoice({
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
function TakenBy({ project }: { project: Project }) {
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

export function NewThread() {
  const { projectId = "" } = useParams({ strict: false });
  const composing = useSearch({ strict: false }).compose === true;
  const project = useQuery({ ...queries.project(projectId), refetchInterval: 5_000 });
  const team = useTeam();
  const [chosen, setChosen] = useState("nori");
  const agent = useAgent(chosen);
  const navigate = useNavigate();
  const client = useQueryClient();
  const input = useRef<ComposerHandle>(null);
  const create = useMutation({
    mutationFn: async (text: string) => {
      const thread = await createThread(chosen, { projectId, mode: "work" });
      handOver(thread.threadId, text);
      return thread;
    },
    onSuccess: async (thread) => {
      await client.invalidateQueries({ queryKey: ["threads", projectId] });
      await navigate({
        to: "/projects/$projectId/threads/$threadId",
        params: { projectId, threadId: thread.threadId },
      });
    },
    onError: (_error, text) => {
      // The composer gave its text away; it comes back as the draft.
      localStorage.setItem(`omakase.draft.new.${projectId}`, text);
    },
  });
  useEffect(() => {
    if (composing) input.current?.focus();
  }, [composing]);
  useEffect(() => {
    document.title = `${project.data?.name ?? "Project"} · Omakase`;
  }, [project.data?.name]);
  useKeys([{ keys: ["I"], does: "Write", group: "Conversation", run: () => input.current?.focus() }]);

  return (
    <>
      <header className="hidden items-center gap-1.5 border-b border-oma-line py-1.5 pr-3 max-desk:flex">
        <Link
          to="/projects/$projectId"
          params={{ projectId }}
          aria-label="Back to threads"
          className="grid size-11 place-items-center rounded-lg text-oma-muted"
        >
          <ChevronLeft size={20} aria-hidden="true" />
        </Link>
        <span className="font-serif text-h3">New thread</span>
      </header>
      <PracticeStrip />
      <div className="grid min-h-0 flex-1 content-center justify-items-center gap-5 overflow-y-auto px-6 py-8 text-center">
        <span className="relative grid place-items-center text-oma-line max-desk:hidden">
          <Enso size={132} />
          <span className="absolute">
            <Mascot role={agent.role} size={64} />
          </span>
        </span>
        <div>
          <h1 className="font-serif text-h2 tracking-[-.008em]">What should {agent.displayName} do?</h1>
          <p className="mt-1.5 text-oma-muted">
            In <b className="font-medium text-oma-text">{project.data?.name ?? "this project"}</b>, in a
            workspace of its own. Nothing is pushed unless you push it.
          </p>
        </div>
        <TeamChoice team={team} chosen={chosen} onChoose={setChosen} />
        {project.data && <TakenBy project={project.data} />}
        {create.error && (
          <p role="alert" className="text-oma-error-ink">
            Not sent. {asProblem(create.error).message}
          </p>
        )}
      </div>
      <div className="px-4 pb-4 max-desk:px-2 max-desk:pb-[calc(8px+env(safe-area-inset-bottom))]">
        <div className="mx-auto max-w-[732px]">
          <Composer
            key={create.failureCount + (create.isError ? 1 : 0)}
            place={`new.${projectId}`}
            agent={agent.displayName}
            ref={input}
            busy={false}
            sending={create.isPending}
            onSend={(text) => {
              create.mutate(text);
            }}
          />
        </div>
      </div>
    </>
  );
}
