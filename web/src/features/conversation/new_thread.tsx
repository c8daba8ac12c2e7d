import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useEffect, useRef } from "react";
import { useMay } from "../../api/may";
import { queries } from "../../api/queries";
import { useKeys } from "../../ui/keys";
import { Enso, Mascot } from "../../ui/mascots";
import { ReadsOnly } from "../../ui/people";
import { Composer, type ComposerHandle } from "./composer";
import { ComposerControls } from "./composer_controls";
import { MainSheet } from "./main_sheet";
import { ModeNote } from "./mode_note";
import { TakenBy, TeamChoice } from "./new_thread_parts";
import { PracticeStrip } from "./practice_strip";
import { useAgent, useTeam } from "../../api/team";
import { useNewThread } from "./use_new_thread";

/** Where a thread begins; for whom only reads, the place beside the list. */
export function NewThread() {
  const { write } = useMay();
  if (write) return <FirstMessage />;
  return (
    <MainSheet>
      <div className="grid flex-1 place-content-center justify-items-center gap-4 p-6">
        <Enso size={88} className="text-oma-line" />
        <ReadsOnly what="the conversations of this project" />
      </div>
    </MainSheet>
  );
}

/** Who is asked, how they work, and the first message. */
function FirstMessage() {
  const { projectId = "" } = useParams({ strict: false });
  const composing = useSearch({ strict: false }).compose === true;
  const project = useQuery({ ...queries.project(projectId), refetchInterval: 5_000 });
  const team = useTeam();
  const thread = useNewThread(projectId);
  const { mode } = thread.settings;
  // Unless the person chooses another: as the server is set.
  const usual = team.find(({ name }) => name === thread.agentName)?.permissionMode ?? null;
  const permissionMode = thread.settings.permissionMode ?? usual;
  const agent = useAgent(thread.agentName);
  const input = useRef<ComposerHandle>(null);
  useEffect(() => {
    if (composing) input.current?.focus();
  }, [composing]);
  useEffect(() => {
    document.title = `${project.data?.name ?? "Project"} · Omakase`;
  }, [project.data?.name]);
  useKeys([{ keys: ["I"], does: "Write", group: "Conversation", run: () => input.current?.focus() }]);

  return (
    <MainSheet>
      <header className="hidden items-center gap-1.5 border-b border-oma-line py-1.5 pr-3 max-desk:flex">
        <Link
          to="/projects/$projectId/threads"
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
            In <b className="font-medium text-oma-text">{project.data?.name ?? "this project"}</b>,{" "}
            {mode === "chat"
              ? "reading and searching only."
              : "in a workspace of its own. Nothing is pushed unless you push it."}
          </p>
        </div>
        <TeamChoice team={team} chosen={thread.agentName} onChoose={thread.setAgentName} />
        {project.data && mode === "work" && <TakenBy project={project.data} />}
        {thread.problem && (
          <p role="alert" className="text-oma-error-ink">
            Not sent. {thread.problem.message}
          </p>
        )}
      </div>
      <div className="px-4 pb-4 max-desk:px-2 max-desk:pb-[calc(8px+env(safe-area-inset-bottom))]">
        <div className="mx-auto max-w-[732px]">
          <Composer
            key={thread.failures}
            place={`new.${projectId}`}
            agent={agent.displayName}
            ref={input}
            busy={false}
            sending={thread.sending}
            controls={
              <ComposerControls
                {...thread.settings}
                permissionMode={permissionMode}
                agent={agent.displayName}
              />
            }
            note={<ModeNote name={agent.displayName} mode={mode} />}
            projectId={projectId}
            onSend={(content, _urgency, attachments) => {
              thread.create({ content, attachments });
            }}
          />
        </div>
      </div>
    </MainSheet>
  );
}
