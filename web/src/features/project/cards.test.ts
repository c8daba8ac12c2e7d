import { describe, expect, it } from "vitest";
import type { Agent, Run, RunSummary, Thread } from "../../api/types";
import { withRun } from "../../stream/use_project";
import { dollars } from "../../ui/words";
import { cardsOf, summaryOf } from "./cards";

const agent = (name: string, role: Agent["role"]): Agent =>
  ({ name, displayName: name, role, run: null, model: null, permissionMode: "ask" }) as Agent;
const team = [agent("miso", "architect"), agent("nori", "coder"), agent("koji", "reviewer")];

const summary = (runId: string, agentName: string, more: Partial<RunSummary> = {}): RunSummary => ({
  runId,
  threadId: `thread-of-${runId}`,
  agentName,
  status: "coding",
  busy: true,
  external: false,
  attention: null,
  waiting: 0,
  ...more,
});
const run = (id: string, agentName: string, more: Partial<Run> = {}): Run =>
  ({
    id,
    agentName,
    role: "coder",
    projectId: "p",
    threadId: `thread-of-${id}`,
    status: "coding",
    busy: true,
    external: false,
    attention: null,
    startedAt: "2026-01-31T09:00:00.000000Z",
    ...more,
  }) as Run;
const thread = (runId: string, title: string): Thread =>
  ({ threadId: `thread-of-${runId}`, title }) as Thread;

const order = (live: RunSummary[]) => cardsOf(team, [], [], live).map((card) => card.agent.name);

describe("the team's cards", () => {
  it("stand by who needs a person, then who works, then whose turn is over, then who sleeps", () => {
    expect(order([])).toEqual(["miso", "nori", "koji"]);
    expect(order([summary("1", "koji"), summary("2", "nori", { busy: false })])).toEqual([
      "koji",
      "nori",
      "miso",
    ]);
    expect(order([summary("1", "miso"), summary("2", "koji", { attention: "question" })])).toEqual([
      "koji",
      "miso",
      "nori",
    ]);
  });

  it("show an agent's newest run, with what the lists know of it", () => {
    const live = [summary("1", "nori"), summary("2", "nori", { waiting: 3 })];
    const runs = [run("2", "nori", { costUsd: 1.5 }), run("1", "nori", { costUsd: 9 })];
    const [card] = cardsOf(team, runs, [thread("2", "Rate limits")], live);
    expect(card?.run).toMatchObject({ id: "2", waiting: 3, costUsd: 1.5 });
    expect(card?.thread?.title).toBe("Rate limits");
  });

  it("believe the stream over a list from before", () => {
    const runs = [run("1", "nori")];
    expect(cardsOf(team, runs, [], null)[0]?.run?.id).toBe("1");
    expect(cardsOf(team, runs, [], []).every((card) => card.run === null)).toBe(true);
  });

  it("say what an agent that sleeps did last", () => {
    const ended = run("1", "nori", { status: "failed", completedAt: "2026-01-31T10:00:00.000000Z" });
    const card = cardsOf(team, [ended], [thread("1", "Rate limits")], [])[1];
    expect(card?.last).toEqual({
      title: "Rate limits",
      status: "failed",
      endedAt: "2026-01-31T10:00:00.000000Z",
    });
  });

  it("are told in one line", () => {
    const line = (live: RunSummary[]) => summaryOf(cardsOf(team, [], [], live));
    expect(line([])).toBe("Everybody is asleep");
    expect(line([summary("1", "nori"), summary("2", "koji", { attention: "permission" })])).toBe(
      "1 working · 1 needs you",
    );
    expect(line([summary("1", "nori", { busy: false })])).toBe("1 waits for you");
    expect(line([summary("1", "nori", { busy: false, external: true })])).toBe("1 working");
  });

  it("show a dash for a cost that nobody knows", () => {
    expect(dollars(null)).toBe("—");
    expect(dollars(0)).toBe("$0.00");
    expect(dollars(0.001)).toBe("<$0.01");
  });
});

describe("a project's active runs", () => {
  it("change one by one, and leave when they end", () => {
    const runs = withRun([summary("1", "nori")], summary("2", "koji"));
    expect(
      withRun(runs, summary("1", "nori", { busy: false })).find(({ runId }) => runId === "1")?.busy,
    ).toBe(false);
    expect(withRun(runs, summary("1", "nori", { status: "completed" })).map(({ runId }) => runId)).toEqual([
      "2",
    ]);
  });
});
