// Fifty messages to an agent in the middle of its turn, and a server that is killed among them: all are stored, and the agent gets
// each once and in order.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { FakeAgent, withFakeAgent } from "./harness/fake_agent.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

const notes = Array.from({ length: 50 }, (_, number) => ({ id: randomUUID(), content: `note ${number}.` }));
const contents = notes.map(({ content }) => content);

/**
 * Sends them one after the other. The server dies while one is under way; whether it was stored nobody knows, so it is sent again.
 * @param {Session} session
 */
async function sendAll(session) {
  const { world } = session;
  const path = `/api/threads/${session.threadId}/messages`;
  for (const note of notes.slice(0, 25)) await world.client.post(path, note);
  const unknown = world.client.post(path, notes[25]).catch(() => {});
  await world.killServer();
  await unknown;
  await world.startServer();
  session.follow();
  for (const note of notes.slice(25)) await world.client.post(path, note);
}

/**
 * What the conversation says of them when all are received.
 * @param {Session} session
 */
async function checkStored(session) {
  for (const { id } of notes) await session.received(id);
  const said = (await session.history()).filter((/** @type {any} */ one) => one.sender === "user").slice(1);
  assert.deepEqual(
    said.map((/** @type {any} */ one) => one.content),
    contents,
  );
  const receipts = said.map((/** @type {any} */ one) => one.deliveredAt);
  assert.deepEqual(receipts, receipts.toSorted(), "received in order");
  assert.deepEqual(await session.errors(), []);
}

test("Claude Code tells the model each of them once and in order", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const words = '!hold gate\n!tool Bash {"command": "echo worked"}\n!reply done';
  const session = await Session.start(world, project.id, words);
  await world.model.heldAt("gate");
  await sendAll(session);
  await world.model.release("gate");
  const answer = await session.answer("done");
  await checkStored(session);
  await session.idle(answer);
  const requests = await world.model.requests();
  assert.deepEqual(
    requests.map((one) => one.step),
    [0, 1],
    "no step of the turn is repeated",
  );
  assert.deepEqual(
    requests
      .flatMap((one) => one.steered)
      .join("\n")
      .match(/note \d+\./g),
    contents,
  );
  assert.deepEqual(
    [...new Set((await world.model.lastRequestInFull()).match(/note \d+\./g))],
    contents,
    "and in the conversation that goes on",
  );
});

test("each of them reaches the agent's input once and in order", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!tool gate\n!reply done");
  await session.stream.next("the agent uses its tool", (one) => one.event === "tool-use");
  await sendAll(session);
  const agent = new FakeAgent(world, project.id);
  agent.open("gate");
  await session.answer("done");
  await checkStored(session);
  const given = agent.input().filter((line) => line.type === "user");
  assert.deepEqual(
    given.map((line) => line.message.content),
    ["!tool gate\n!reply done", ...contents],
  );
});
