// Messages that wait: changed, moved, taken back, held back and sent at once, and what becomes of them when something dies.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

/**
 * A session whose agent is in the middle of a turn that goes on when `gate` is released.
 * @param {World} world
 */
async function heldSession(world) {
  const project = await world.project("greeter");
  const session = await Session.start(
    world,
    project.id,
    '!hold gate\n!tool Bash {"command": "echo worked"}\n!reply done',
  );
  await world.model.heldAt("gate");
  return session;
}

/**
 * @param {Session} session
 * @param {string} id
 * @param {Record<string, unknown>} body
 */
const change = (session, id, body) =>
  session.world.client.call("PATCH", `/api/agent-runs/${session.runId}/messages/${id}`, body);

const withdraw = (/** @type {Session} */ session, /** @type {string} */ id) =>
  session.world.client.call("DELETE", `/api/agent-runs/${session.runId}/messages/${id}`);

/** What the model was told by steering, as one text. */
const heard = async (/** @type {World} */ world) =>
  (await world.model.requests()).flatMap((one) => one.steered).join("\n");

test("a waiting message is changed, moved and taken back, and the agent gets what became of it", async (t) => {
  const world = await startWorld(t);
  const session = await heldSession(world);
  const first = await session.say("first thought");
  const second = await session.say("second thought");
  const third = await session.say("third thought");

  const edited = await change(session, second.id, { content: "second, improved" });
  assert.equal(edited.status, 200);
  assert.equal(edited.body.content, "second, improved");
  assert.ok(edited.body.editedAt);
  assert.equal((await withdraw(session, first.id)).status, 200);
  const again = await withdraw(session, first.id);
  assert.equal(again.status, 200, "taking back twice is harmless");
  assert.ok(again.body.withdrawnAt);
  assert.equal((await change(session, third.id, { position: 0 })).status, 200);
  const moved = await session.stream.next(
    "the new order",
    (one) => one.event === "state" && one.data.undelivered[0] === third.id,
  );
  assert.deepEqual(moved.data.undelivered, [third.id, second.id]);
  assert.equal((await change(session, third.id, { position: 7 })).body.code, "invalid_position");

  await world.model.release("gate");
  await session.answer("done");
  const text = await heard(world);
  assert.ok(!text.includes("first thought") && !text.includes("second thought"), text);
  const places = ["third thought", "second, improved"].map((words) => text.indexOf(words));
  assert.ok(places[0] >= 0 && places[0] < places[1], text);
  for (const words of ["third thought", "second, improved"]) {
    assert.equal(text.split(words).length, 2, `once: ${words}`);
  }
  const late = await change(session, second.id, { content: "too late" });
  assert.equal(late.status, 409);
  assert.equal(late.body.code, "already_delivered");
  assert.equal(late.body.message.content, "second, improved");
  const said = (await session.history()).filter((/** @type {any} */ one) => one.sender === "user");
  assert.deepEqual(
    said.map((/** @type {any} */ one) => one.id).slice(1),
    [second.id, third.id],
    "what was taken back is gone",
  );
});

test("what is held back comes when the turn ends, one turn each, also after the server's death", async (t) => {
  const world = await startWorld(t);
  const session = await heldSession(world);
  const post = async (/** @type {string} */ content) =>
    (await world.client.post(`/api/threads/${session.threadId}/messages`, { content, queued: true })).message;
  const one = await post("!reply answer one");
  await post("!reply answer two");
  assert.equal(one.queued, true);
  await world.killServer();
  await world.startServer();
  session.follow();
  await world.model.release("gate");
  await session.answer("done");
  await session.answer("answer one");
  await session.answer("answer two");
  const requests = await world.model.requests();
  assert.equal(await heard(world), "", "nothing was steered into the turn");
  assert.deepEqual(
    requests.slice(-2).map((request) => request.userText),
    ["!reply answer one", "!reply answer two"],
  );
});

test("a message that is held back can be let go, and one that was sent can be held back", async (t) => {
  const world = await startWorld(t);
  const session = await heldSession(world);
  const sent = await session.say("!reply held after all");
  assert.equal((await change(session, sent.id, { queued: true })).body.queued, true);
  const { message } = await world.client.post(`/api/threads/${session.threadId}/messages`, {
    content: "let go",
    queued: true,
  });
  const free = await change(session, message.id, { queued: false });
  assert.equal(free.body.queued, undefined);
  await world.model.release("gate");
  await session.answer("done");
  await session.answer("held after all");
  assert.equal(await heard(world), "let go");
});

test("a message that is to be read now stops the turn, whatever runs in it", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(
    world,
    project.id,
    '!tool Bash {"command": "echo begun; sleep 300"}\n!reply never',
  );
  await session.stream.next("the command runs", (one) => one.event === "tool-use");
  const waiting = await session.say("!reply read later");
  const urgent = await world.client.post(`/api/threads/${session.threadId}/messages`, {
    content: "!reply read now",
    now: true,
  });
  await session.answer("read now");
  const receipt = await session.stream.next(
    "its receipt",
    (one) => one.event === "message-updated" && one.data.id === urgent.message.id && one.data.deliveredAt,
  );
  assert.ok(receipt);
  await session.answer("read later");
  const stopped = (await session.history()).filter(
    (/** @type {any} */ one) => one.content === "Stopped for your message",
  );
  assert.equal(stopped.length, 1);
  const history = await session.history();
  const stored = history.find((/** @type {any} */ one) => one.id === waiting.id);
  assert.ok(stored.deliveredAt);
});

test("a client that missed a change is told it with the state", async (t) => {
  const world = await startWorld(t);
  const session = await heldSession(world);
  const kept = await session.say("kept");
  const gone = await session.say("gone");
  session.stream.close();
  await change(session, kept.id, { content: "kept, changed" });
  await withdraw(session, gone.id);
  session.follow();
  const state = await session.stream.next("the state", (one) => one.event === "state");
  assert.deepEqual(state.data.undelivered, [kept.id]);
  const changed = new Map(state.data.changed.map((/** @type {any} */ one) => [one.id, one]));
  assert.equal(changed.get(kept.id).content, "kept, changed");
  assert.ok(changed.get(gone.id).withdrawnAt);
  await world.model.release("gate");
  await session.answer("done");
});
