// What an agent had not read when its session ended: the next session of the conversation gives it that first, in order and once.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeRepository } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

/**
 * Makes the set-ups of a project wait until the answer is called.
 * @param {World} world
 * @param {string} projectId
 */
async function holdSetUp(world, projectId) {
  const state = join(world.data, "projects", projectId);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const holder = spawn("flock", [join(state, "setup.lock"), "sh", "-c", "echo held; read -r end"]);
  await once(holder.stdout, "data");
  return () => holder.stdin.end("\n");
}

/** Each time that the model was told one of these words. */
const heard = async (/** @type {World} */ world) =>
  (await world.model.requests())
    .flatMap((one) => [one.userText, ...one.steered])
    .join("\n")
    .match(/word-\w+/g);

test("what was written to a session whose clone failed reaches the agent when a later start succeeds", async (t) => {
  const world = await startWorld(t);
  const repoUrl = join(world.folder, "greeter.git");
  const project = await world.client.post("/api/projects", { name: "not there yet", repoUrl });
  const goOn = await holdSetUp(world, project.id);
  const failed = await Session.start(world, project.id, "!reply word-one");
  const early = [
    await failed.say("!reply word-two"),
    (
      await world.client.post(`/api/threads/${failed.threadId}/messages`, {
        content: "!reply word-three",
        queued: true,
      })
    ).message,
    await failed.say("!reply word-withdrawn"),
    await failed.say("!reply word-four"),
  ];
  goOn();
  const { data: close } = await failed.stream.next("the run fails", (one) => one.event === "close");
  assert.equal(close.status, "failed");
  const gone = await world.client.delete(`/api/agent-runs/${failed.runId}/messages/${early[2].id}`);
  assert.ok(gone.withdrawnAt, "what is not read can be taken back");

  makeRepository(world.folder, "greeter");
  const last = await failed.say("!reply word-five");
  assert.notEqual(last.runId, failed.runId);
  const healed = new Session(world, { ...failed, runId: last.runId });
  for (const { id } of [early[0], early[1], early[3]]) await healed.received(id);
  await healed.idle(await healed.received(last.id));
  assert.deepEqual(await heard(world), ["word-one", "word-two", "word-three", "word-four", "word-five"]);
  const said = (await healed.history()).filter((/** @type {any} */ one) => one.sender === "user");
  assert.deepEqual(
    said.map((/** @type {any} */ one) => [one.content, one.runId, Boolean(one.deliveredAt)]),
    ["!reply word-one", "!reply word-two", "!reply word-three", "!reply word-four", "!reply word-five"].map(
      (content) => [content, healed.runId, true],
    ),
    "it stands where it stood, of the run that had it read",
  );
  const again = await world.client.call("POST", `/api/agent-runs/${failed.runId}/messages`, {
    id: last.id,
    sender: "user",
    content: "another",
  });
  assert.equal(again.status, 409, "the ended run takes nothing new");

  await healed.end();
  const third = await failed.say("!reply word-six");
  const next = new Session(world, { ...failed, runId: third.runId });
  await next.answer("word-six");
  assert.equal((await heard(world))?.length, 6, "and nothing of it twice");
});

test("what waits when a session is ended stays unread, and is read with the conversation's next message, before it", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!hold gate\n!reply never");
  await world.model.heldAt("gate");
  const path = `/api/threads/${session.threadId}/messages`;
  await world.client.post(path, { content: "!reply word-one" }); // the agent is given this one, and not the next
  await world.client.post(path, { content: "!reply word-two", queued: true });
  await session.end();
  const unread = (await session.history()).filter(
    (/** @type {any} */ one) => one.sender === "user" && !one.deliveredAt,
  );
  assert.deepEqual(
    unread.map((/** @type {any} */ one) => one.content),
    ["!reply word-one", "!reply word-two"],
  );
  assert.equal(await heard(world), null, "no turn that is being stopped begins with them");

  const last = await session.say("!reply word-three");
  const next = new Session(world, { ...session, runId: last.runId });
  await next.idle(await next.received(last.id));
  assert.deepEqual(await heard(world), ["word-one", "word-two", "word-three"]);
  const said = (await next.history()).filter((/** @type {any} */ one) => one.sender === "user");
  assert.ok(said.every((/** @type {any} */ one) => one.deliveredAt));
  assert.deepEqual(await next.errors(), []);
});

test("a person whose clone failed mends the address and starts again, without writing anything twice", async (t) => {
  const world = await startWorld(t);
  const repoUrl = join(world.folder, "greeter.git");
  const project = await world.client.post("/api/projects", { name: "not there yet", repoUrl });
  const failed = await Session.start(world, project.id, "!reply here at last");
  await failed.stream.next("the run fails", (one) => one.event === "close");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${failed.threadId}`);
  await page.getByText("There is no repository at").first().waitFor();
  makeRepository(world.folder, "greeter");
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("article", { name: "Nori" }).getByText("here at last").waitFor();
  assert.deepEqual(
    (await world.model.requests()).map((one) => one.userText),
    ["!reply here at last"],
  );
  const nothing = await world.client.call("POST", "/api/agents/nori/work-sessions", {
    projectId: project.id,
  });
  assert.deepEqual([nothing.status, nothing.body.code], [400, "required"]);
});
