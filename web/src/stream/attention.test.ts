import { describe, expect, it } from "vitest";
import type { Permission } from "../api/types";
import type { StreamEvent } from "./events";
import { act, person, play, running, stamp, stateOf } from "./test_story";

describe("waiting messages", () => {
  const two = play(
    running,
    { type: "message", message: person("p", 1) },
    { type: "message", message: person("q", 2) },
  );

  it("stand in the order that the server tells, not in that of their times", () => {
    expect(play(two, stateOf({ undelivered: ["q", "p"] })).undelivered).toEqual(["q", "p"]);
  });

  it("keep their place when one is changed, and a new one comes last", () => {
    const moved = play(
      act(two, { type: "order", ids: ["q", "p"] }),
      { type: "message-updated", message: person("q", 2, { content: "better", editedAt: stamp(3) }) },
      { type: "message", message: person("r", 4) },
    );
    expect(moved.undelivered).toEqual(["q", "p", "r"]);
    expect(moved.messages.find(({ id }) => id === "q")?.content).toBe("better");
  });

  it("wait no longer once they are withdrawn", () => {
    const withdrawn = person("p", 1, { content: "", withdrawnAt: stamp(3) });
    expect(play(two, { type: "message-updated", message: withdrawn }).undelivered).toEqual(["q"]);
  });

  it("are as they were changed while this page was away", () => {
    const changed = [
      person("p", 1, { content: "", withdrawnAt: stamp(3) }),
      person("q", 2, { content: "better", editedAt: stamp(3) }),
    ];
    const state = play(two, stateOf({ undelivered: ["q"], changed }));
    expect(state.messages).toMatchObject([{ withdrawnAt: stamp(3) }, { content: "better" }]);
    expect(state.undelivered).toEqual(["q"]);
  });
});

describe("what the agent asks", () => {
  const permission = (requestId: string, more: Partial<Permission> = {}): Permission => ({
    requestId,
    runId: "run",
    kind: "tool",
    tool: "Bash",
    toolUseId: `tool-${requestId}`,
    input: { command: "ls" },
    status: "pending",
    requestedAt: stamp(1),
    expiresAt: stamp(59),
    ...more,
  });
  const ask = (requestId: string): StreamEvent => ({ ...permission(requestId), type: "permission-request" });

  it("is there until it is answered, by whomever, and then its answer is known by the tool use", () => {
    const asked = play(running, ask("1"), ask("2"), ask("1"));
    expect(asked.permissions.map(({ requestId }) => requestId)).toEqual(["2", "1"]);
    const answer = permission("1", { status: "allowed", scope: "once" });
    const answered = play(asked, { ...answer, type: "permission-resolved" });
    expect(answered.permissions.map(({ requestId }) => requestId)).toEqual(["2"]);
    expect(answered.consents["tool-1"]).toEqual(answer);
  });

  it("is corrected by the state event after an absence", () => {
    const state = play(
      running,
      ask("1"),
      stateOf({ permissions: [permission("3")], attention: "permission" }),
    );
    expect(state.permissions.map(({ requestId }) => requestId)).toEqual(["3"]);
    expect(state.run?.attention).toBe("permission");
  });

  it("is asked no longer when the run has ended", () => {
    expect(play(running, ask("1"), { type: "close", status: "failed" }).permissions).toEqual([]);
  });
});

describe("what the session is like", () => {
  it("is as it was told last, and its silence ends with the run", () => {
    const silence = { since: stamp(1), waitingFor: "model" as const, limitSeconds: 300 };
    const state = play(running, {
      type: "session",
      permissionMode: "ask",
      contextTokens: 31_000,
      silence,
    });
    expect(state.session).toEqual({ permissionMode: "ask", contextTokens: 31_000, silence });
    const ended = play(state, { type: "close", status: "completed" });
    expect(ended.session).toMatchObject({ contextTokens: 31_000, silence: null });
  });
});
