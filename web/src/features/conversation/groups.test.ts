import { describe, expect, it } from "vitest";
import type { Thread } from "../../api/types";
import { groupThreads } from "./groups";

function thread(threadId: string, more: Partial<Thread>): Thread {
  return {
    threadId,
    agentName: "nori",
    projectId: "project",
    title: threadId,
    mode: "work",
    status: "active",
    runId: null,
    busy: false,
    external: false,
    createdAt: "2026-01-31T09:00:00.000000Z",
    lastMessageAt: null,
    messageCount: 1,
    lastMessage: { sender: "agent", type: "message", content: "done", author: null },
    attention: null,
    permissionMode: "bypass",
    model: null,
    ...more,
  };
}

const groupOf = (more: Partial<Thread>) => groupThreads([thread("t", more)])[0]?.name;

describe("the thread list", () => {
  it("puts first what cannot go on without the person", () => {
    expect(
      groupOf({ lastMessage: { sender: "agent", type: "error", content: "no access", author: null } }),
    ).toBe("Needs you");
  });

  it("and an agent that asks for consent or has a question, though it is in the middle of a turn", () => {
    expect(groupOf({ runId: "r", busy: true, attention: "permission" })).toBe("Needs you");
    expect(groupOf({ runId: "r", busy: true, attention: "question" })).toBe("Needs you");
  });

  it("then where an agent has answered and waits, which is no call for help", () => {
    expect(groupOf({ runId: "r" })).toBe("Your turn");
  });

  it("then what goes on", () => {
    expect(groupOf({ runId: "r", busy: true })).toBe("Working");
    // A program's run knows no turns.
    expect(groupOf({ runId: "r", external: true })).toBe("Working");
    const failed = { sender: "agent", type: "error", content: "no access", author: null } as const;
    expect(groupOf({ runId: "r", busy: true, lastMessage: failed })).toBe("Working");
    expect(
      groupOf({ runId: "r", lastMessage: { sender: "user", type: "message", content: "hi", author: null } }),
    ).toBe("Working");
  });

  it("then what was, and the archived ones apart", () => {
    expect(groupOf({})).toBe("Earlier");
    expect(
      groupOf({
        status: "archived",
        lastMessage: { sender: "agent", type: "error", content: "", author: null },
      }),
    ).toBe("Archived");
  });

  it("keeps the order in a group and shows no empty one", () => {
    const groups = groupThreads([thread("a", {}), thread("b", { busy: true, runId: "r" }), thread("c", {})]);
    expect(groups.map(({ name, threads }) => [name, threads.map(({ threadId }) => threadId)])).toEqual([
      ["Working", ["b"]],
      ["Earlier", ["a", "c"]],
    ]);
  });
});
