// Servers that come and go while agents work: stopped, replaced by another version, and never back.
import assert from "node:assert/strict";
import { copyFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { processesNaming } from "./harness/processes.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

const runners = (/** @type {World} */ world) =>
  processesNaming(world.folder).filter((line) => line.includes("agent-run --dir"));

/**
 * A session whose agent waits for its model until the gate is released.
 * @param {World} world
 */
async function heldSession(world) {
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!hold gate\n!reply after the restart");
  await world.model.heldAt("gate");
  return session;
}

for (const [how, stop] of /** @type {[string, (world: World) => Promise<unknown>][]} */ ([
  ["SIGTERM", async (world) => world.server?.end("SIGTERM")],
  ["omakase stop", async (world) => (await world.omakase("stop")).status],
])) {
  test(`${how} ends the server in good order and leaves the agents alive`, async (t) => {
    const world = await startWorld(t);
    const session = await heldSession(world);
    const before = runners(world);
    assert.equal(await stop(world), 0);
    assert.equal(await world.server?.exited, 0);
    await session.stream.done;
    assert.deepEqual(runners(world), before);

    await world.model.release("gate");
    await world.startServer();
    session.follow();
    await session.answer("after the restart");
    await session.idle();
    assert.deepEqual(runners(world), before);
    assert.equal((await world.model.requests()).length, 1);
    assert.deepEqual(await session.errors(), []);
  });
}

test("a server of another version takes up the agents of the one before, and starts its own", async (t) => {
  const world = await startWorld(t);
  const before = join(world.folder, "omakase-before");
  const after = join(world.folder, "omakase-after");
  for (const copy of [before, after]) copyFileSync(world.binary, copy);
  await world.server?.end();
  world.binary = before;
  await world.startServer();
  const session = await heldSession(world);
  assert.equal(await world.server?.end(), 0);
  rmSync(before);

  world.binary = after;
  await world.startServer();
  await world.model.release("gate");
  session.follow();
  await session.answer("after the restart");
  await session.say("!reply with the same program");
  await session.answer("with the same program");
  // A runner holds the model's key: the kernel tells nobody but root which program it is.
  const runsIn = (/** @type {string} */ program) => {
    if (process.getuid?.() !== 0) return;
    const found = runners(world).map((line) => readlinkSync(`/proc/${Number.parseInt(line, 10)}/exe`));
    assert.deepEqual(found, [program]);
  };
  runsIn(`${before} (deleted)`);

  await session.end();
  const { runId } = await world.client.post(`/api/threads/${session.threadId}/messages`, {
    content: "!reply with the new one",
  });
  const again = new Session(world, { ...session, runId });
  await again.answer("with the new one");
  runsIn(after);
  assert.match(await world.model.lastRequestInFull(), /after the restart/, "it is the same conversation");
});

test("a runner whose server does not return ends when its agent has finished and been silent", async (t) => {
  const world = await startWorld(t, { serve: ["--orphan-timeout", "2"] });
  const project = await world.project("greeter");
  // It speaks for longer than the runner would wait for a server.
  const session = await Session.start(world, project.id, "!slow 40 150\n!reply to the end");
  await session.stream.next("the agent speaks", (one) => one.event === "content-delta");
  await world.killServer();
  await until("the runner has ended", () => runners(world).length === 0, 60_000);
  assert.deepEqual(
    processesNaming(world.folder).filter((line) => !line.includes("practice-model")),
    [],
  );

  await world.startServer();
  session.follow();
  await session.stream.message("the whole answer", (one) => /w1 .*w40\s*to the end/.test(one.content));
  await session.idle();
  assert.deepEqual(await session.errors(), []);
  await session.say("!reply and on");
  await session.answer("and on");
  assert.match(await world.model.lastRequestInFull(), /w1 w2 .*w40/, "it is the same conversation");
});
