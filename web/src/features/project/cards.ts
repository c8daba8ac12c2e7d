import type { Agent, Attention, Run, RunSummary, Thread } from "../../api/types";
import { isEnded, works } from "../../api/types";

// Who does what in a project now: from its lists and what the stream says to one card for each agent. Pure.

export type Card = {
  agent: Agent;
  /** The agent's newest run that is active in this project. */
  run: {
    id: string;
    status: Run["status"];
    busy: boolean;
    external: boolean;
    attention: Attention;
    waiting: number;
    startedAt: string | null;
    costUsd: number | null;
  } | null;
  /** The conversation that the run belongs to. */
  thread: Thread | null;
  /** What it did last here, when it is asleep. */
  last: { title: string; status: Run["status"]; endedAt: string } | null;
};

/** What calls a person first, then what goes on, then who sleeps; each in the team's order. */
function rank({ run }: Card): number {
  if (!run) return 3;
  if (run.attention !== null) return 0;
  return works(run) ? 1 : 2;
}

export function cardsOf(
  team: readonly Agent[],
  runs: readonly Run[],
  threads: readonly Thread[],
  live: readonly RunSummary[] | null,
): Card[] {
  const threadOf = (id: string | null | undefined) => threads.find(({ threadId }) => threadId === id) ?? null;
  const cards = team.map((agent): Card => {
    const own = runs.filter(({ agentName }) => agentName === agent.name);
    // The stream knows better than a list that was asked for before; their orders differ.
    const active = live
      ? live.filter(({ agentName }) => agentName === agent.name)
      : own
          .filter(({ status }) => !isEnded(status))
          .map((run) => ({ ...run, runId: run.id, threadId: run.threadId ?? null, waiting: 0 }));
    const detailOf = (runId: string) => own.find(({ id }) => id === runId);
    const newest = [...active].sort((a, b) => (a.runId < b.runId ? 1 : -1))[0];
    const ended = own.find(({ status }) => isEnded(status));
    return {
      agent,
      run: newest
        ? {
            id: newest.runId,
            status: newest.status,
            busy: newest.busy,
            external: newest.external,
            attention: newest.attention,
            waiting: newest.waiting,
            startedAt: detailOf(newest.runId)?.startedAt ?? null,
            costUsd: detailOf(newest.runId)?.costUsd ?? null,
          }
        : null,
      thread: threadOf(newest?.threadId),
      last: ended
        ? {
            title: threadOf(ended.threadId)?.title ?? "",
            status: ended.status,
            endedAt: ended.completedAt ?? ended.startedAt,
          }
        : null,
    };
  });
  return cards.sort((a, b) => rank(a) - rank(b));
}

const counted = (n: number, one: string, many: string) => `${String(n)} ${n === 1 ? one : many}`;

/** "2 working · 1 needs you"; what is none is not said. */
export function summaryOf(cards: readonly Card[]): string {
  const needs = cards.filter(({ run }) => run?.attention).length;
  const working = cards.filter(({ run }) => run && !run.attention && works(run)).length;
  const turns = cards.filter(({ run }) => run && !run.attention && !works(run)).length;
  const parts = [
    working > 0 ? `${String(working)} working` : "",
    needs > 0 ? counted(needs, "needs you", "need you") : "",
    turns > 0 ? counted(turns, "waits for you", "wait for you") : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(" · ") : "Everybody is asleep";
}
