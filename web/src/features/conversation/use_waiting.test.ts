import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chat } from "../../stream/chat";
import { person } from "../../stream/test_story";
import { waitingActions } from "./use_waiting";

let chat: Chat;
let calls: { method: string; path: string; body: unknown }[];
let answer: { status: number; body: unknown } | null;

beforeEach(() => {
  chat = new Chat("thread", () => undefined);
  chat.setRun({ id: "run", status: "coding", busy: true, attention: null, external: false });
  for (const [id, second] of [
    ["p", 1],
    ["q", 2],
  ] as const) {
    chat.learn({ type: "message", message: person(id, second) });
  }
  calls = [];
  vi.stubGlobal("fetch", (path: string, init: { method: string; body?: string }) => {
    calls.push({ method: init.method, path, body: init.body && (JSON.parse(init.body) as unknown) });
    return answer
      ? Promise.resolve(new Response(JSON.stringify(answer.body), { status: answer.status }))
      : Promise.reject(new TypeError("connection refused"));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const shown = () => chat.getSnapshot().conversation;
const actions = () => waitingActions(chat, shown(), "Nori");

describe("a change of a waiting message", () => {
  it("is shown as the server stored it", async () => {
    answer = { status: 200, body: person("p", 1, { content: "better" }) };
    expect(await actions().edit("p", "better")).toEqual({ state: "done" });
    expect(calls).toEqual([
      { method: "PATCH", path: "/api/agent-runs/run/messages/p", body: { content: "better" } },
    ]);
    expect(shown().messages[0]?.content).toBe("better");
  });

  it("that comes too late shows the message in the thread, as the agent has it", async () => {
    const taken = person("p", 1, { deliveredAt: "2026-01-31T09:05:03.000000Z" });
    answer = { status: 409, body: { code: "already_delivered", detail: "", message: taken } };
    expect(await actions().edit("p", "better")).toEqual({ state: "late" });
    expect(shown().undelivered).toEqual(["q"]);
  });

  it("moves at once, and back when it could not be moved", async () => {
    answer = null;
    actions().move("q", 0);
    expect(shown().undelivered).toEqual(["q", "p"]);
    await vi.waitFor(() => {
      expect(shown().undelivered).toEqual(["p", "q"]);
    });
  });

  it("does not move beyond the list", () => {
    actions().move("p", -1);
    actions().move("q", 2);
    expect(calls).toEqual([]);
  });

  it("withdraws, and the message is gone", async () => {
    answer = {
      status: 200,
      body: person("p", 1, { content: "", withdrawnAt: "2026-01-31T09:05:03.000000Z" }),
    };
    actions().withdraw("p");
    await vi.waitFor(() => {
      expect(shown().undelivered).toEqual(["q"]);
    });
    expect(calls[0]).toMatchObject({ method: "DELETE", path: "/api/agent-runs/run/messages/p" });
  });

  it("withdraws what an earlier session left unread, from that session", async () => {
    chat.learn({ type: "message", message: person("old", 0, { runId: "earlier", deliveredAt: undefined }) });
    answer = {
      status: 200,
      body: person("old", 0, { runId: "earlier", withdrawnAt: "2026-01-31T09:05:03.000000Z" }),
    };
    actions().withdraw("old");
    await vi.waitFor(() => {
      expect(shown().messages[0]?.withdrawnAt).toBeDefined();
    });
    expect(calls[0]).toMatchObject({ method: "DELETE", path: "/api/agent-runs/earlier/messages/old" });
  });
});
