import { describe, expect, it } from "vitest";
import type { Message, Permission, Setup, ToolUse } from "../../api/types";
import { emptyConversation, type Conversation, type Preview } from "../../stream/conversation";
import { setupState, storedRows, withLive, type Row } from "./rows";
import { waitingMessages } from "./waiting";

const stamp = (second: number) => `2026-01-31T09:05:${String(second).padStart(2, "0")}.000000Z`;

function message(id: string, second: number, more: Partial<Message> = {}): Message {
  return {
    id,
    runId: "run",
    projectId: "project",
    featureId: null,
    sender: "agent",
    role: "coder",
    type: "message",
    content: id,
    timestamp: stamp(second),
    ...more,
  };
}
const person = (id: string, second: number, more: Partial<Message> = {}) =>
  message(id, second, { sender: "user", role: null, deliveredAt: stamp(second), ...more });
const step = (second: number, setup: Setup) =>
  message(`setup${String(second)}`, second, { type: "status", setup });
const tool = (toolUseId: string, status: ToolUse["status"] = "done"): ToolUse => ({
  toolUseId,
  tool: "Read",
  input: {},
  status,
  startedAt: stamp(0),
});

const busy = { id: "run", status: "coding" as const, busy: true, attention: null, external: false };

function conversation(messages: Message[], more: Partial<Conversation> = {}): Conversation {
  return { ...emptyConversation, messages, run: { ...busy, busy: false }, ...more };
}

function preview(more: Partial<Preview> = {}): Preview {
  return {
    id: "p",
    role: "coder",
    content: "",
    toolUses: [],
    complete: false,
    stale: false,
    ...more,
  };
}

function rowsOf(state: Conversation): Row[] {
  return withLive(storedRows(state), state, stamp(59));
}
const kinds = (rows: Row[]) => rows.map(({ kind }) => kind);

describe("the rows of a conversation", () => {
  it("start a day, then alternate between person and agent", () => {
    expect(kinds(rowsOf(conversation([person("a", 1), message("b", 2)])))).toEqual(["day", "person", "text"]);
  });

  it("separate days", () => {
    const messages = [message("a", 1, { timestamp: "2026-01-29T12:00:00.000000Z" }), message("b", 2)];
    expect(kinds(rowsOf(conversation(messages)))).toEqual(["day", "text", "day", "text"]);
  });

  it("put one head on an agent's turn", () => {
    const rows = rowsOf(
      conversation([
        message("a", 1, { toolUses: [tool("t")] }),
        message("b", 2),
        person("c", 3),
        message("d", 4),
      ]),
    );
    const heads = rows.flatMap((row) => ("first" in row ? [row.first] : []));
    expect(heads).toEqual([true, false, false, true]);
  });

  it("gather the tool uses of silent steps in one stack", () => {
    const rows = rowsOf(
      conversation([
        message("a", 1, { content: "", toolUses: [tool("1")] }),
        message("b", 2, { content: "", toolUses: [tool("2")] }),
        message("c", 3, { content: "", toolUses: [tool("3")] }),
      ]),
    );
    expect(kinds(rows)).toEqual(["day", "tools"]);
    expect(rows[1]).toMatchObject({
      first: true,
      tools: [{ toolUseId: "1" }, { toolUseId: "2" }, { toolUseId: "3" }],
    });
  });

  it("show statuses and errors as what they are", () => {
    const messages = [message("a", 1, { type: "status" }), message("b", 2, { type: "error" })];
    expect(kinds(rowsOf(conversation(messages)))).toEqual(["day", "status", "error"]);
  });

  it("put a message where the agent took it, when the agent spoke meanwhile", () => {
    const steering = person("steer", 2, { deliveredAt: stamp(5) });
    const rows = rowsOf(conversation([person("a", 1), steering, message("b", 3), message("c", 6)]));
    expect(rows.slice(1).map(({ key }) => key)).toEqual(["a", "b", "steer", "c"]);
  });

  it("leave the first message in front of the statuses that came before its delivery", () => {
    const first = person("a", 1, { deliveredAt: stamp(9) });
    const rows = rowsOf(conversation([first, message("started", 3, { type: "status" }), message("b", 10)]));
    expect(rows.slice(1).map(({ key }) => key)).toEqual(["a", "started", "b"]);
  });
});

describe("the set-up", () => {
  const messages = [
    person("a", 1),
    step(2, { step: "clone", state: "running", detail: "" }),
    step(3, { step: "clone", state: "done", detail: "main is at 9c41e7a" }),
    step(4, { step: "install", state: "running", detail: "" }),
  ];

  it("is one card in front of the message that started it, each step as it stands last", () => {
    const rows = rowsOf(conversation(messages));
    expect(kinds(rows)).toEqual(["setup", "day", "person"]);
    expect(rows[0]).toMatchObject({
      run: {
        steps: [
          { step: "clone", state: "done" },
          { step: "install", state: "running" },
        ],
      },
    });
  });

  it("stands in for the typing sign while it goes on", () => {
    expect(kinds(rowsOf(conversation(messages, { run: busy })))).not.toContain("typing");
    const ready = [...messages, step(5, { step: "ready", state: "done", detail: "" })];
    expect(kinds(rowsOf(conversation(ready, { run: busy })))).toContain("typing");
  });

  it("also stands as an error in the conversation when it failed", () => {
    const failed = message("f", 5, {
      type: "error",
      setup: { step: "install", state: "failed", detail: "" },
    });
    const rows = rowsOf(conversation([...messages, failed]));
    expect(kinds(rows)).toEqual(["setup", "day", "person", "error"]);
    const card = rows[0];
    expect(card?.kind === "setup" && setupState(card.run)).toBe("failed");
  });

  it("has a card for each session of the thread", () => {
    const second = [
      person("b", 20, { runId: "second" }),
      message("s", 21, {
        runId: "second",
        type: "status",
        setup: { step: "fetch", state: "done", detail: "" },
      }),
    ];
    expect(kinds(rowsOf(conversation([...messages, ...second])))).toEqual([
      "setup",
      "day",
      "person",
      "setup",
      "person",
    ]);
  });
});

describe("what is only live", () => {
  it("is the text as it is written, in place of the typing sign", () => {
    const rows = rowsOf(
      conversation([person("a", 1)], { run: busy, previews: [preview({ content: "Looking" })] }),
    );
    expect(rows.at(-1)).toMatchObject({ kind: "text", content: "Looking", writing: true, first: true });
  });

  it("is the typing sign before the first word and between steps", () => {
    expect(rowsOf(conversation([person("a", 1)], { run: busy })).at(-1)?.kind).toBe("typing");
    expect(rowsOf(conversation([person("a", 1)], { run: busy, previews: [preview()] })).at(-1)?.kind).toBe(
      "typing",
    );
    expect(rowsOf(conversation([person("a", 1), message("b", 2)], { run: busy })).at(-1)?.kind).toBe(
      "typing",
    );
  });

  it("is no typing sign while a tool runs, or when nobody works", () => {
    const using = message("b", 2, { content: "", toolUses: [tool("t", "running")] });
    expect(rowsOf(conversation([person("a", 1), using], { run: busy })).at(-1)?.kind).toBe("tools");
    expect(kinds(rowsOf(conversation([person("a", 1)])))).not.toContain("typing");
  });

  it("joins the stack of tool uses that came before it", () => {
    const rows = rowsOf(
      conversation([message("a", 1, { content: "", toolUses: [tool("1")] })], {
        run: busy,
        previews: [preview({ toolUses: [tool("2", "running")] })],
      }),
    );
    expect(rows.at(-1)).toMatchObject({ kind: "tools", tools: [{ toolUseId: "1" }, { toolUseId: "2" }] });
  });
});

describe("a person's message", () => {
  const receipt = (state: Conversation, id: string) =>
    rowsOf(state).flatMap((row) => (row.kind === "person" && row.id === id ? [row.receipt] : []))[0];

  it("is sending, then waiting, then seen", () => {
    const outgoing = {
      id: "a",
      content: "a",
      attachments: [],
      at: Date.parse(stamp(1)),
      urgency: "next" as const,
      failure: null,
    };
    expect(receipt(conversation([], { outbox: [outgoing] }), "a")).toBe("sending");
    const stored = person("a", 1, { deliveredAt: undefined });
    expect(receipt(conversation([stored], { undelivered: ["a"] }), "a")).toBe("waiting");
    expect(receipt(conversation([person("a", 1)]), "a")).toBe("seen");
  });

  it("is seen when the state of the run does not list it", () => {
    expect(receipt(conversation([person("a", 1, { deliveredAt: undefined })]), "a")).toBe("seen");
  });

  it("says that it was not read when the session ended first", () => {
    const run = { ...busy, status: "failed" as const, busy: false };
    expect(receipt(conversation([person("a", 1, { deliveredAt: undefined })], { run }), "a")).toBe("unread");
  });

  it("is marked when it failed, at the foot of the thread", () => {
    const failure = { message: "The server cannot be reached.", code: "unreachable" };
    const outgoing = {
      id: "x",
      content: "x",
      attachments: [],
      at: Date.parse(stamp(1)),
      urgency: "next" as const,
      failure,
    };
    expect(rowsOf(conversation([message("a", 1)], { outbox: [outgoing], run: busy })).at(-1)).toMatchObject({
      receipt: "failed",
    });
  });
});

describe("the tray", () => {
  const waiting = [person("b", 5, { deliveredAt: undefined }), person("c", 6, { deliveredAt: undefined })];
  const begun = conversation([person("a", 1), message("m", 2), ...waiting], {
    run: busy,
    undelivered: ["b", "c"],
  });

  it("holds what waits for an agent at work, in order, and the thread does not", () => {
    expect(waitingMessages(begun).map(({ id }) => id)).toEqual(["b", "c"]);
    expect(rowsOf(begun).map(({ key }) => key)).not.toContain("b");
  });

  it("stands in the order in which they will be taken, and knows what is held back", () => {
    const held = person("b", 5, { deliveredAt: undefined, queued: true });
    const messages = begun.messages.with(2, held);
    const state = { ...begun, messages, undelivered: ["c", "b"] };
    expect(waitingMessages(state).map((one) => [one.id, one.state])).toEqual([
      ["c", "stored"],
      ["b", "held"],
    ]);
  });

  it("holds what is still on its way to a busy agent", () => {
    const outgoing = {
      id: "d",
      content: "d",
      attachments: [],
      at: Date.now(),
      urgency: "next" as const,
      failure: null,
    };
    expect(waitingMessages({ ...begun, outbox: [outgoing] }).map(({ id, state }) => [id, state])).toEqual([
      ["b", "stored"],
      ["c", "stored"],
      ["d", "sending"],
    ]);
  });

  it("does not hold the first message while the workspace is prepared", () => {
    const first = conversation([person("a", 1, { deliveredAt: undefined })], {
      run: busy,
      undelivered: ["a"],
    });
    expect(waitingMessages(first)).toEqual([]);
    expect(kinds(rowsOf(first))).toContain("person");
  });

  it("is empty when the run has ended", () => {
    const run = { ...busy, status: "completed" as const, busy: false };
    expect(waitingMessages({ ...begun, run })).toEqual([]);
  });
});

describe("a withdrawn message", () => {
  it("is nowhere", () => {
    const gone = person("b", 5, { deliveredAt: undefined, content: "", withdrawnAt: stamp(6) });
    const state = conversation([person("a", 1), message("m", 2), gone], { run: busy });
    expect(rowsOf(state).map(({ key }) => key)).not.toContain("b");
    expect(waitingMessages(state)).toEqual([]);
  });
});

describe("what the agent asks", () => {
  const request = { requestId: "r", toolUseId: "t", kind: "tool", tool: "Bash" } as Permission;
  const using = message("b", 2, { content: "", toolUses: [tool("t", "running"), tool("u")] });

  it("stands last, in place of its tool line and of the typing sign", () => {
    const rows = rowsOf(conversation([person("a", 1), using], { run: busy, permissions: [request] }));
    expect(kinds(rows)).toEqual(["day", "person", "tools", "permission"]);
    expect(rows[2]).toMatchObject({ tools: [{ toolUseId: "u" }] });
    expect(rows[3]).toMatchObject({ first: false, requests: [{ requestId: "r" }] });
  });

  it("gives way to its tool line when it is answered", () => {
    const rows = rowsOf(conversation([person("a", 1), using], { run: busy }));
    expect(rows[2]).toMatchObject({ tools: [{ toolUseId: "t" }, { toolUseId: "u" }] });
  });
});
