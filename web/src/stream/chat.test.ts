import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../api/types";
import { Chat, handOver } from "./chat";
import { FakeEventSource } from "./fake_event_source";
import { readOutbox } from "./outbox";

type Call = { method: string; path: string; body: unknown };

let calls: Call[];
let answer: (call: Call) => { status: number; body: unknown } | null;
let chat: Chat;
let unauthorized: number;

function message(id: string, second: number, more: Partial<Message> = {}): Message {
  return {
    id,
    runId: "run",
    projectId: "project",
    featureId: null,
    threadId: "thread",
    sender: "agent",
    role: "coder",
    type: "message",
    content: id,
    timestamp: `2026-01-31T09:05:${String(second).padStart(2, "0")}.000000Z`,
    ...more,
  };
}

const run = { id: "run", status: "coding" as const, busy: false, attention: null, external: false };
const shown = () => chat.getSnapshot().conversation;
/** What the stream says of the thread, in the run that is shown or another. */
const say = (event: string, data: unknown, runId = "run") => {
  FakeEventSource.last.say("message", { topic: "thread:thread", runId, event, data });
};
/** Streams are opened when the page has come to rest. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const posts = () => calls.filter(({ method }) => method === "POST");

beforeEach(() => {
  localStorage.clear();
  FakeEventSource.opened.length = 0;
  vi.stubGlobal("EventSource", FakeEventSource);
  calls = [];
  unauthorized = 0;
  answer = ({ method, path, body }) => {
    if (path === "/api/threads/thread") return { status: 200, body: {} };
    if (method === "GET") return { status: 200, body: [message("a", 1), message("b", 2)] };
    const { id, content } = body as { id: string; content: string };
    const stored = message(id, 10 + calls.length, { sender: "user", role: null, content });
    return { status: 201, body: { message: stored, runId: "run" } };
  };
  vi.stubGlobal("fetch", (path: string, init: { method: string; body?: string }) => {
    const call = {
      method: init.method,
      path,
      body: init.body ? (JSON.parse(init.body) as unknown) : undefined,
    };
    calls.push(call);
    const given = answer(call);
    return given
      ? Promise.resolve(new Response(JSON.stringify(given.body), { status: given.status }))
      : Promise.reject(new TypeError("connection refused"));
  });
  chat = new Chat("thread", () => unauthorized++);
});

afterEach(async () => {
  chat.stop();
  await settled();
  vi.unstubAllGlobals();
});

describe("an open thread", () => {
  it("loads the end of its history and follows the thread from there", async () => {
    await chat.start();
    await settled();
    expect(chat.getSnapshot().history).toBe("ready");
    expect(shown().messages.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(decodeURIComponent(FakeEventSource.last.url)).toBe(
      "/api/stream?threads=thread@2026-01-31T09:05:02.000000Z",
    );
  });

  it("takes the history that was asked for before it was opened, and asks for no second one", async () => {
    await chat.start(Promise.resolve([message("a", 1)]));
    await settled();
    expect(shown().messages.map(({ id }) => id)).toEqual(["a"]);
    expect(FakeEventSource.last.url).toContain("09%3A05%3A01");
    expect(calls).toEqual([]);
  });

  it("goes on after a lost connection from the last message the stream brought", async () => {
    await chat.start();
    await settled();
    FakeEventSource.last.open();
    say("message", message("c", 3));
    FakeEventSource.last.fail();
    await vi.waitFor(() => {
      expect(FakeEventSource.opened).toHaveLength(2);
    });
    expect(FakeEventSource.last.url).toContain("09%3A05%3A03");
  });

  it("does not skip what others wrote because of the answer to its own message", async () => {
    await chat.start();
    await settled();
    chat.send("hello");
    await vi.waitFor(() => {
      expect(shown().outbox).toEqual([]);
    });
    FakeEventSource.last.fail();
    await vi.waitFor(() => {
      expect(FakeEventSource.opened).toHaveLength(2);
    });
    expect(FakeEventSource.last.url).toContain("09%3A05%3A02");
  });

  it("opens one stream, whoever names the run", async () => {
    chat.setRun(run);
    await chat.start();
    chat.setRun(run);
    chat.send("hello");
    await vi.waitFor(() => {
      expect(shown().outbox).toEqual([]);
    });
    expect(FakeEventSource.opened).toHaveLength(1);
  });

  it("shows the run that the stream tells of, and the next one when it begins", async () => {
    await chat.start();
    await settled();
    FakeEventSource.last.open();
    const state = { undelivered: [], permissions: [], changed: [], session: null };
    say("state", { status: "coding", busy: true, attention: null, external: false, ...state });
    expect(shown().run).toMatchObject({ id: "run", busy: true });
    say("close", { status: "completed" });
    await vi.waitFor(() => {
      expect(shown().run).toMatchObject({ id: "run", status: "completed" });
    });
    say("run-status", { status: "coding", busy: true, attention: null, external: false }, "next");
    say("content-delta", { messageId: "m", offset: 0, delta: "late" });
    expect(shown().run?.id).toBe("next");
    expect(shown().previews).toEqual([]);
  });

  it("does not go back to a run that has given way", async () => {
    await chat.start();
    await settled();
    chat.setRun(run);
    chat.setRun({ ...run, id: "next" });
    chat.setRun(run);
    say("run-status", { status: "coding", busy: true, attention: null, external: false });
    expect(shown().run?.id).toBe("next");
  });

  it("takes what came while the stream was away, and learns that the run has ended", async () => {
    chat.setRun(run);
    await chat.start();
    await settled();
    answer = () => ({ status: 200, body: { ...run, status: "failed" } });
    FakeEventSource.last.open();
    say("message", message("last", 5));
    FakeEventSource.last.say("message", { topic: "thread:thread", event: "state", data: null });
    await vi.waitFor(() => {
      expect(shown().run?.status).toBe("failed");
    });
    expect(shown().messages.map(({ id }) => id)).toEqual(["a", "b", "last"]);
  });

  it("lets go of a thread that is gone", async () => {
    await chat.start();
    await settled();
    answer = () => ({ status: 404, body: { code: "thread_not_found" } });
    FakeEventSource.last.fail();
    await vi.waitFor(() => {
      expect(chat.getSnapshot().connection.phase).toBe("stopped");
    });
    expect(FakeEventSource.opened).toHaveLength(1);
  });

  it("says so when its history does not load, and can be asked again", async () => {
    answer = () => ({ status: 503, body: { code: "store_unavailable", detail: "The store is away." } });
    await chat.start();
    expect(chat.getSnapshot()).toMatchObject({ history: "failed", problem: { code: "store_unavailable" } });
    answer = () => ({ status: 200, body: [message("a", 1)] });
    await chat.loadNewest();
    expect(chat.getSnapshot()).toMatchObject({ history: "ready", problem: null });
  });

  it("asks for a new login when the old one is over", async () => {
    answer = () => ({ status: 401, body: { code: "unauthorized" } });
    await chat.start();
    expect(unauthorized).toBe(1);
  });
});

describe("sending", () => {
  it("shows the message at once and keeps it in the browser until it is stored", async () => {
    await chat.start();
    chat.send("hello");
    expect(shown().outbox).toMatchObject([{ content: "hello", failure: null }]);
    expect(readOutbox("thread")).toMatchObject([{ content: "hello" }]);
    await vi.waitFor(() => {
      expect(shown().outbox).toEqual([]);
    });
    expect(shown().messages.at(-1)).toMatchObject({ content: "hello", sender: "user" });
    expect(readOutbox("thread")).toEqual([]);
  });

  it("sends one message after the other", async () => {
    await chat.start();
    chat.send("first");
    chat.send("second");
    await vi.waitFor(() => {
      expect(shown().outbox).toEqual([]);
    });
    expect(posts().map(({ body }) => (body as { content: string }).content)).toEqual(["first", "second"]);
  });

  it("keeps what failed with its reason, and tries again under the same id", async () => {
    await chat.start();
    const works = answer;
    answer = () => null;
    chat.send("hello");
    await vi.waitFor(() => {
      expect(shown().outbox[0]?.failure?.code).toBe("unreachable");
    });
    expect(readOutbox("thread")).toHaveLength(1);
    answer = works;
    chat.retry(shown().outbox[0]?.id ?? "");
    await vi.waitFor(() => {
      expect(shown().outbox).toEqual([]);
    });
    const ids = posts().map(({ body }) => (body as { id: string }).id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it("names the conversation that has the project's session", async () => {
    await chat.start();
    answer = () => ({
      status: 409,
      body: {
        code: "session_elsewhere",
        detail: "It belongs to another thread.",
        threadId: "other",
        runId: "r",
      },
    });
    chat.send("hello");
    await vi.waitFor(() => {
      expect(shown().outbox[0]?.failure).toEqual({
        code: "session_elsewhere",
        message: "It belongs to another thread.",
        threadId: "other",
      });
    });
  });

  it("sends the first message of a new thread when the thread is opened", async () => {
    handOver("thread", "fix the failing test", []);
    await chat.start();
    await vi.waitFor(() => {
      expect(posts()).toHaveLength(1);
    });
    expect(posts()[0]?.body).toMatchObject({ content: "fix the failing test" });
  });

  it("asks before it sends something that was left behind long ago", async () => {
    localStorage.setItem(
      "omakase.outbox.thread",
      JSON.stringify([{ id: "x", content: "old", at: Date.now() - 120_000 }]),
    );
    await chat.start();
    expect(posts()).toEqual([]);
    expect(shown().outbox).toMatchObject([{ content: "old", failure: { code: "cut_off" } }]);
  });

  it("forgets what a reload finds stored after all", async () => {
    localStorage.setItem(
      "omakase.outbox.thread",
      JSON.stringify([{ id: "a", content: "a", at: Date.now() }]),
    );
    await chat.start();
    expect(posts()).toEqual([]);
    expect(readOutbox("thread")).toEqual([]);
  });
});
