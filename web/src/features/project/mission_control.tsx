import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import { isEnded } from "../../api/types";
import { useUnread } from "../../api/unread";
import { Button } from "../../ui/button";
import { Delayed } from "../../ui/parts";
import { AgentCard } from "./agent_card";
import { summaryOf } from "./cards";
import { EarlierRuns } from "./earlier_runs";
import { useCards } from "./use_cards";
import { useOpenChat } from "./use_open_chat";

function Skeletons() {
  return (
    <Delayed>
      <div role="status" aria-busy="true" aria-label="Loading the agents" className="agent-grid">
        {[0, 1, 2, 3].map((card) => (
          <span key={card} className="skeleton h-[226px] rounded-xl" />
        ))}
      </div>
    </Delayed>
  );
}

/** The team at work in a project, as it is now. */
export function MissionControl() {
  const { projectId = "" } = useParams({ strict: false });
  const { cards, team: agents, runs, threads, ready, failed, retry } = useCards(projectId);
  const project = useQuery(queries.project(projectId));
  const chat = useOpenChat();
  const unread = useUnread(projectId);
  const needed = cards.some(({ run }) => run?.attention);
  const name = project.data?.name ?? "Project";
  useEffect(() => {
    document.title = `${needed ? "Needs you · " : ""}Agents · ${name} · Omakase`;
  }, [needed, name]);
  const ended = runs.filter(({ status }) => isEnded(status));
  return (
    <section aria-labelledby="mission-control">
      <div className="mt-[26px] mb-4 flex flex-wrap items-center gap-x-3 gap-y-0.5 max-desk:mt-2.5 max-desk:mb-3">
        <h2 id="mission-control" className="flex-1 font-serif text-h2 tracking-[-.008em] whitespace-nowrap">
          Mission Control
        </h2>
        {ready && (
          <span className="text-small text-oma-muted max-desk:basis-full" role="status">
            {summaryOf(cards)}
          </span>
        )}
      </div>
      {ready ? (
        <div className="agent-grid">
          {cards.map((card) => (
            <AgentCard
              key={card.agent.name}
              card={card}
              unread={
                card.thread && card.thread.threadId !== chat.threadId
                  ? (unread.get(card.thread.threadId) ?? 0)
                  : 0
              }
              projectId={projectId}
              open={card.thread !== null && card.thread.threadId === chat.threadId}
              onOpen={chat.open}
            />
          ))}
        </div>
      ) : failed ? (
        <div role="alert" className="sheet grid justify-items-center gap-3 px-6 py-12 text-center">
          <p className="font-serif text-h3">The agents did not load</p>
          <p className="text-oma-muted">{asProblem(failed).message}</p>
          <Button onClick={retry}>Try again now</Button>
        </div>
      ) : (
        <Skeletons />
      )}
      {ready && ended.length > 0 && (
        <EarlierRuns runs={ended} agents={agents} threads={threads} projectId={projectId} />
      )}
    </section>
  );
}
