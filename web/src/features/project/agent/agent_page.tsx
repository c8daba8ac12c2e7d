import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useEffect } from "react";
import { asProblem } from "../../../api/client";
import { queries } from "../../../api/queries";
import { Button } from "../../../ui/button";
import { Delayed } from "../../../ui/parts";
import { useCards } from "../use_cards";
import { AgentHead } from "./agent_head";
import { AgentNumbers } from "./agent_numbers";
import { AgentRuns } from "./agent_runs";
import { MemoriesSection } from "./memories_section";
import { PersonalitySection } from "./personality_section";

function Skeletons() {
  return (
    <Delayed>
      <div role="status" aria-busy="true" aria-label="Loading the agent" className="grid gap-2">
        <span className="skeleton h-[178px] rounded-xl" />
        <span className="skeleton h-[260px] rounded-xl" />
      </div>
    </Delayed>
  );
}

function Failed({ title, words, onRetry }: { title: string; words: string; onRetry?: () => void }) {
  return (
    <div role="alert" className="sheet grid justify-items-center gap-3 px-6 py-12 text-center">
      <p className="font-serif text-h3">{title}</p>
      <p className="text-oma-muted">{words}</p>
      {onRetry && <Button onClick={onRetry}>Try again now</Button>}
    </div>
  );
}

/** One of the team: who it is, what it remembers of this project, and what it has done here. */
export function AgentPage() {
  const { projectId = "", agentName = "" } = useParams({ strict: false });
  const { cards, threads, ready, failed, retry } = useCards(projectId);
  const project = useQuery(queries.project(projectId));
  const card = cards.find(({ agent }) => agent.name === agentName);
  const title = card ? `${card.run?.attention ? "Needs you · " : ""}${card.agent.displayName}` : "Agent";
  const projectName = project.data?.name ?? "Project";
  useEffect(() => {
    document.title = `${title} · ${projectName} · Omakase`;
  }, [title, projectName]);
  return (
    <>
      <Link
        to="/projects/$projectId"
        params={{ projectId }}
        search={true}
        className="mt-5 mb-3 inline-flex items-center gap-1 rounded-sm text-small text-oma-muted hover:text-oma-text max-desk:mt-1 max-desk:mb-1 max-desk:min-h-11"
      >
        <ChevronLeft size={14} aria-hidden="true" />
        Mission Control
      </Link>
      {ready && card ? (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
          <AgentHead card={card}>
            <AgentNumbers projectId={projectId} agentName={agentName} />
          </AgentHead>
          <div className="agent-columns">
            <PersonalitySection key={agentName} agent={card.agent} />
            <MemoriesSection key={`${projectId} ${agentName}`} projectId={projectId} agent={card.agent} />
          </div>
          <AgentRuns projectId={projectId} agent={card.agent} threads={threads} />
        </div>
      ) : ready ? (
        <Failed title="Nobody of that name" words="The team is Miso, Nori, Koji and Toro." />
      ) : failed ? (
        <Failed title="The agent did not load" words={asProblem(failed).message} onRetry={retry} />
      ) : (
        <Skeletons />
      )}
    </>
  );
}
