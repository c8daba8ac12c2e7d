import { describe, expect, it } from "vitest";
import { cursorOf } from "./conversation";
import type { StreamEvent } from "./events";
import { act, message, person, play, running, stamp, stateOf } from "./test_story";

const say = (id: string, second: number): StreamEvent => ({ type: "message", message: message(id, second) });
const delta = (offset: number, text: string): StreamEvent => ({
  type: "content-delta",
  messageId: "m",
  offset,
  delta: text,
});
const broken: StreamEvent = {
  type: "message-error",
  messageId: "m",
  code: "interrupted",
  detail: "",
  retryable: true,
};
const start: StreamEvent = { type: "message-start", messageId: "m", role: "coder" };

describe("stored messages", () => {
  it("stand in order of time, however they arrive", () => {
    const state = play(running, say("c", 3), say("a", 1), say("b", 2));
    expect(state.messages.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("are there once, also when history and stream bring the same one", () => {
    const history = [message("a", 1), message("b", 2)];
    const state = play(
      act(running, { type: "history", messages: history }),
      say("b", 2),
      say("c", 3),
      say("c", 3),
    );
    expect(state.messages.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("keep two messages of different runs that share a timestamp", () => {
    const state = play(running, say("a", 1), {
      type: "message",
      message: message("b", 1, { runId: "other" }),
    });
    expect(state.messages.map(({ id }) => id).sort()).toEqual(["a", "b"]);
  });

  it("join an earlier page in front without moving the rest", () => {
    const state = act(
      running,
      { type: "history", messages: [message("c", 3), message("d", 4)] },
      { type: "history", messages: [message("a", 1), message("b", 2)] },
    );
    expect(state.messages.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });

  it("tell where the run's stream goes on, not where another run's does", () => {
    const state = play(running, say("a", 1), {
      type: "message",
      message: message("b", 9, { runId: "other" }),
    });
    expect(cursorOf(state, "run")).toBe(stamp(1));
    expect(cursorOf(state, "unknown")).toBeNull();
  });
});

describe("a message that is being written", () => {
  it("grows by its deltas", () => {
    const state = play(running, start, delta(0, "Looking "), delta(8, "at it"));
    expect(state.previews).toMatchObject([{ id: "m", content: "Looking at it", complete: false }]);
  });

  it("counts offsets as a string counts its length, so that no letter outside ASCII breaks it", () => {
    const state = play(running, start, delta(0, "Größe "), delta(6, "🍙 da"), delta(11, "!"));
    expect(state.previews[0]?.content).toBe("Größe 🍙 da!");
  });

  it("takes a repeated part once", () => {
    const state = play(running, start, delta(0, "abc"), delta(3, "def"), delta(3, "def"), delta(4, "efgh"));
    expect(state.previews[0]?.content).toBe("abcdefgh");
  });

  it("shows nothing from behind a gap", () => {
    const state = play(running, start, delta(0, "abc"), delta(10, "lost"));
    expect(state.previews[0]?.content).toBe("abc");
  });

  it("starts over from a snapshot at offset 0", () => {
    const state = play(running, start, delta(0, "abc"), start, delta(0, "abcdef"));
    expect(state.previews[0]?.content).toBe("abcdef");
    expect(state.previews).toHaveLength(1);
  });

  it("gives way to the stored message of its id", () => {
    const state = play(
      running,
      start,
      delta(0, "abc"),
      { type: "message-complete", messageId: "m" },
      say("m", 1),
    );
    expect(state.previews).toEqual([]);
    expect(state.messages.map(({ content }) => content)).toEqual(["content of m"]);
  });

  it("does not come back when a late delta follows the stored message", () => {
    const state = play(running, start, say("m", 1), delta(0, "late"));
    expect(state.previews).toEqual([]);
  });

  it("disappears when the model's answer was cut", () => {
    const state = play(running, start, delta(0, "abc"), broken);
    expect(state.previews).toEqual([]);
  });
});

describe("tool uses", () => {
  const use: StreamEvent = {
    type: "tool-use",
    messageId: "m",
    toolUseId: "t",
    tool: "Bash",
    input: { command: "ls" },
    status: "running",
    startedAt: stamp(1),
  };
  const result: StreamEvent = {
    type: "tool-result",
    messageId: "m",
    toolUseId: "t",
    tool: "Bash",
    status: "done",
    summary: "2 files",
    startedAt: stamp(1),
    endedAt: stamp(2),
  };

  it("run while the message is being written, and end with their result", () => {
    const state = play(running, start, use);
    expect(state.previews[0]?.toolUses).toMatchObject([
      { toolUseId: "t", status: "running", input: { command: "ls" }, startedAt: stamp(1) },
    ]);
    expect(play(state, result).previews[0]?.toolUses).toMatchObject([
      { status: "done", summary: "2 files", input: { command: "ls" }, endedAt: stamp(2) },
    ]);
  });

  it("take their result after the message is stored", () => {
    const stored = message("m", 1, {
      toolUses: [{ toolUseId: "t", tool: "Bash", input: {}, status: "running", startedAt: stamp(1) }],
    });
    const state = play(running, { type: "message", message: stored }, result);
    expect(state.messages[0]?.toolUses).toMatchObject([{ status: "done", summary: "2 files" }]);
  });

  it("are announced twice but shown once", () => {
    expect(play(running, start, use, use).previews[0]?.toolUses).toHaveLength(1);
  });
});

describe("what a person sends", () => {
  const outgoing = {
    id: "p",
    content: "hello",
    attachments: [],
    urgency: "next" as const,
    at: 1,
    failure: null,
  };

  it("is there at once and gives way to the stored message", () => {
    const sent = act(running, { type: "send", outgoing });
    expect(sent.outbox).toEqual([outgoing]);
    const stored = play(sent, { type: "message", message: person("p", 1) });
    expect(stored.outbox).toEqual([]);
    expect(stored.messages.map(({ id }) => id)).toEqual(["p"]);
  });

  it("stays, marked, when it could not be sent, and loses the mark on a new try", () => {
    const failure = { message: "The server cannot be reached.", code: "unreachable" };
    const failed = act(running, { type: "send", outgoing }, { type: "send-failed", id: "p", failure });
    expect(failed.outbox).toEqual([{ ...outgoing, failure }]);
    expect(act(failed, { type: "send", outgoing }).outbox).toEqual([outgoing]);
  });

  it("waits until the agent has received it", () => {
    const waiting = play(running, { type: "message", message: person("p", 1) });
    expect(waiting.undelivered).toEqual(["p"]);
    const received = play(waiting, {
      type: "message-updated",
      message: person("p", 1, { deliveredAt: stamp(2) }),
    });
    expect(received.undelivered).toEqual([]);
    expect(received.messages).toHaveLength(1);
  });

  it("stays received when an answer from before comes after the stream's word", () => {
    const taken = person("p", 1, { deliveredAt: stamp(2) });
    const state = play(
      running,
      { type: "message", message: person("p", 1) },
      { type: "message-updated", message: taken },
      { type: "message", message: person("p", 1) },
    );
    expect(state.messages).toEqual([taken]);
    expect(state.undelivered).toEqual([]);
    expect(act(state, { type: "history", messages: [person("p", 1)] }).messages).toEqual([taken]);
  });

  it("is corrected by the state event: what it does not list has been received", () => {
    const waiting = play(
      running,
      { type: "message", message: person("p", 1) },
      { type: "message", message: person("q", 2) },
    );
    const state = play(waiting, stateOf({ undelivered: ["q"] }));
    expect(state.undelivered).toEqual(["q"]);
  });
});

describe("an update of a message from before what is loaded", () => {
  it("does not tear a hole in the history", () => {
    const loaded = act(running, { type: "history", messages: [message("b", 5)] });
    expect(
      play(loaded, { type: "message-updated", message: person("a", 1) }).messages.map(({ id }) => id),
    ).toEqual(["b"]);
  });
});

describe("a lost connection", () => {
  const written = play(running, start, delta(0, "half"));

  it("keeps the half-written text until the server has spoken", () => {
    expect(act(written, { type: "reconnecting" }).previews[0]?.content).toBe("half");
  });

  it("drops it when the server does not go on with it", () => {
    const back = act(written, { type: "reconnecting" });
    expect(play(back, stateOf()).previews).toEqual([]);
  });

  it("keeps it when the server sends it again before its state", () => {
    const back = play(act(written, { type: "reconnecting" }), start, delta(0, "half and more"));
    const state = play(back, stateOf());
    expect(state.previews[0]?.content).toBe("half and more");
  });

  it("takes no words away with a state in mid-stream, whatever changes", () => {
    const back = act(written, { type: "reconnecting" });
    const live = play(back, stateOf(), start, delta(0, "half "));
    const told = play(
      live,
      stateOf({ attention: "question" }),
      stateOf({ busy: false }),
      delta(5, "and more"),
    );
    expect(told.previews).toMatchObject([{ id: "m", content: "half and more", complete: false }]);
    expect(told.run?.busy).toBe(false);
  });

  it("forgets every message on reset: all come again", () => {
    const state = play(running, say("a", 2), {
      type: "message",
      message: message("old", 1, { runId: "before" }),
    });
    expect(play(state, { type: "reset" }).messages).toEqual([]);
  });
});

describe("the end of a run", () => {
  it("stops the work and keeps the messages", () => {
    const state = play(running, say("a", 1), start, delta(0, "x"), { type: "close", status: "completed" });
    expect(state.run).toMatchObject({ status: "completed", busy: false });
    expect(state.previews).toEqual([]);
    expect(state.messages).toHaveLength(1);
  });

  it("is also told by a state event with an ended status", () => {
    const state = play(running, stateOf({ status: "failed" }));
    expect(state.run).toMatchObject({ status: "failed", busy: false });
  });

  it("gives a following run a clean slate but for the messages", () => {
    const ended = play(running, say("a", 1), { type: "setup-output", step: "clone", text: "…" });
    const next = act(ended, {
      type: "run",
      run: { id: "next", status: "started", busy: true, attention: null, external: false },
    });
    expect(next.setupOutput).toEqual({});
    expect(next.messages).toHaveLength(1);
  });
});

describe("the set-up's output", () => {
  it("gathers by step and keeps its end", () => {
    const chunk = "x".repeat(40_000);
    const state = play(
      running,
      { type: "setup-output", step: "install", text: chunk },
      { type: "setup-output", step: "install", text: `${chunk}done` },
    );
    expect(state.setupOutput.install).toHaveLength(64 * 1024);
    expect(state.setupOutput.install?.endsWith("done")).toBe(true);
  });
});
