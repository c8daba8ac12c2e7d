// When nothing comes: the person is told early, and what will not come is ended with a reason. What takes its time for a reason of
// its own (a command, a question to the person) is no silence. And a model that refuses is not waited for.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

const impatient = { serve: ["--silence-notice", "1", "--silence-limit", "3"] };

/** @typedef {import("./harness/world.mjs").World} World */

/**
 * @param {World} world
 * @param {string} prompt
 * @param {string} [name]
 */
async function start(world, prompt, name = "greeter") {
  const project = await world.project(name);
  return Session.start(world, project.id, prompt);
}

const silences = (/** @type {Session} */ session) =>
  session.stream.events.filter((one) => one.event === "session" && one.data.silence);

const contents = (/** @type {any[]} */ messages) => messages.map((one) => one.content);

for (const [what, words] of [
  ["before its answer", "!hold-start never"],
  ["at the beginning of its answer", "!hang"],
  ["in the middle of its answer", "!text Once upon a\n!hang"],
]) {
  test(`a model that hangs ${what} is told early and stopped, and the next message works`, async (t) => {
    const world = await startWorld(t, impatient);
    const session = await start(world, words);
    const silent = await session.stream.next(
      "the silence is told",
      (one) => one.event === "session" && one.data.silence,
    );
    assert.equal(silent.data.silence.limitSeconds, 3);
    assert.equal(silent.data.silence.waitingFor, "model");
    assert.ok(Date.parse(silent.data.silence.since) > 0);
    assert.deepEqual(await session.errors(), [], "told before it is stopped");
    const error = await session.stream.message("the reason is in the chat", (one) => one.type === "error");
    assert.match(error.data.content, /^The model has said nothing for 3 seconds, so the turn was stopped/);
    await session.idle(error);
    const after = await session.stream.next(
      "the silence is over",
      (one) => one.event === "session" && one.data.silence === null,
      { after: silent },
    );
    assert.ok(after);

    await session.say("!reply here again");
    await session.answer("here again");
    assert.equal((await session.errors()).length, 1);
    assert.ok(!contents(await session.history()).includes("Stopped by you"));
    const run = await world.client.get(`/api/agent-runs/${session.runId}`);
    assert.equal(run.status, "coding");
  });
}

test("what waits while the model hangs is next when the turn is stopped", async (t) => {
  const world = await startWorld(t, impatient);
  const session = await start(world, "!hang");
  await session.stream.next("the silence is told", (one) => one.event === "session" && one.data.silence);
  await session.say("!slow 40 150\n!reply and this took its time");
  const error = await session.stream.message("the reason is in the chat", (one) => one.type === "error");
  assert.match(error.data.content, /What waits is next/);
  await session.answer("w1");
  assert.equal((await session.errors()).length, 1);
});

test("a command that takes long is no silence, nor is a question to the person", async (t) => {
  const world = await startWorld(t, impatient);
  const project = await world.project("asking");
  const body = {
    projectId: project.id,
    prompt: '!tool Bash {"command": "touch made"}\n!reply allowed',
    permissionMode: "ask",
  };
  const ids = await world.client.post("/api/agents/nori/work-sessions", body);
  const asking = new Session(world, { projectId: project.id, ...ids });
  const { data: request } = await asking.stream.next(
    "the agent asks",
    (one) => one.event === "permission-request",
  );

  const working = await start(world, '!tool Bash {"command": "sleep 7"}\n!reply slept', "working");
  await working.answer("slept");
  for (const session of [working, asking]) {
    assert.deepEqual(silences(session), []);
    assert.deepEqual(await session.errors(), []);
  }
  await world.client.post(`/api/agent-runs/${asking.runId}/permissions/${request.requestId}`, {
    behavior: "allow",
  });
  await asking.answer("allowed");
});

test("a model that refuses the key fails the turn at once, and says what to do", async (t) => {
  const world = await startWorld(t);
  const session = await start(world, "!status 401 x20\n!reply never");
  const error = await session.stream.message("the refusal is in the chat", (one) => one.type === "error");
  assert.match(error.data.content, /refused the key.*Set ANTHROPIC_API_KEY to a valid key/);
  await session.idle(error);
  assert.ok((await world.model.requests()).length <= 3, "it was not asked again and again");
  await session.say("!reply with a key again");
  await session.answer("with a key again");
  assert.equal((await session.errors()).length, 1);
});

for (const [status, more] of [
  [429, "\n!retry-after 1"],
  [529, ""],
]) {
  test(`a model that answers ${status} twice is asked again, and the person is told once`, async (t) => {
    const world = await startWorld(t);
    const session = await start(world, `!status ${status} x2${more}\n!reply in the end`);
    await session.answer("in the end");
    const told = contents(await session.history()).filter((one) => one.includes("trying again"));
    assert.deepEqual(told, [`The model did not answer (${status}); Nori is trying again`]);
    assert.deepEqual(await session.errors(), []);
  });
}
