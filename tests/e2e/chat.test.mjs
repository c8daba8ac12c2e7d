// Chat mode: an agent that reads and searches the workspace and nothing else, beside a work session, in a conversation that a
// switch of the mode keeps.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { withFakeAgent } from "./harness/fake_agent.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

/**
 * A thread in a mode, and a session that its first message starts.
 * @param {World} world
 * @param {string} projectId
 * @param {{ agent?: string, mode: "chat" | "work", content: string }} options
 */
async function talk(world, projectId, { agent = "nori", mode, content }) {
  const { threadId } = await world.client.post(`/api/agents/${agent}/threads`, { projectId, mode });
  const { runId } = await world.client.post(`/api/threads/${threadId}/messages`, { content });
  return new Session(world, { projectId, threadId, runId });
}

const write = (/** @type {Session} */ session) =>
  `!tool Write ${JSON.stringify({ file_path: join(session.workspace, "made.txt"), content: "x" })}`;

test("an agent in chat mode reads the project and changes nothing", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const readme = join(world.workspace(project.id), "README.md");
  const session = await talk(world, project.id, {
    mode: "chat",
    content: `!tool Read ${JSON.stringify({ file_path: readme })}\n!reply read it`,
  });
  await session.answer("read it");
  assert.match(await world.model.lastRequestInFull(), /# Greeter/);
  await session.say(`${write(session)}\n!tool Bash {"command": "touch made.txt"}\n!reply tried`);
  await session.answer("tried");
  assert.equal(existsSync(join(session.workspace, "made.txt")), false);
  const tools = (await session.history()).flatMap((/** @type {any} */ one) => one.toolUses ?? []);
  assert.deepEqual(
    tools.map((/** @type {any} */ one) => [one.tool, one.status]),
    [
      ["Read", "done"],
      ["Write", "error"],
      ["Bash", "error"],
    ],
  );
  const shown = await world.client.get(`/api/work-sessions/${session.runId}`);
  assert.equal(shown.mode, "chat");
  assert.match(await world.model.lastRequestInFull(), /You are in chat mode/);
});

test("chats go on beside a work session, each in its own thread", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const work = await talk(world, project.id, { mode: "work", content: "!hold gate\n!reply worked" });
  await world.model.heldAt("gate");
  const chats = await Promise.all(
    ["miso", "koji"].map((agent) =>
      talk(world, project.id, { agent, mode: "chat", content: `!reply ${agent} here` }),
    ),
  );
  await chats[0].answer("miso here");
  assert.match(await world.model.lastRequestInFull(), /Miso|Koji/);
  await chats[1].answer("koji here");
  const steps = (await chats[0].history()).flatMap((/** @type {any} */ one) => one.setup?.detail ?? []);
  assert.ok(
    steps.includes("Another session works in this workspace; it is read as it is."),
    `nothing moves under the one at work: ${steps.join(" · ")}`,
  );
  const again = await chats[0].say("!reply same run");
  assert.equal(again.runId, chats[0].runId);
  await chats[0].answer("same run");
  await world.model.release("gate");
  await work.answer("worked");
});

test("switching the mode keeps the conversation, both ways, and not in the middle of a turn", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const chat = await talk(world, project.id, { mode: "chat", content: "!reply my word is heliotrope" });
  await chat.answer("my word is heliotrope");
  await chat.idle();
  const path = `/api/agents/nori/threads/${chat.threadId}`;
  const toWork = await world.client.call("PATCH", path, { mode: "work" });
  assert.equal(toWork.status, 200);
  assert.equal(toWork.body.mode, "work");

  const { runId } = await world.client.post(`/api/threads/${chat.threadId}/messages`, {
    content: `${write(chat)}\n!hold gate\n!reply made it`,
  });
  const work = new Session(world, { projectId: project.id, threadId: chat.threadId, runId });
  await world.model.heldAt("gate");
  assert.notEqual(runId, chat.runId);
  const busy = await world.client.call("PATCH", path, { mode: "chat" });
  assert.equal(busy.status, 409);
  assert.equal(busy.body.code, "busy");
  await world.model.release("gate");
  await work.answer("made it");
  assert.ok(existsSync(join(work.workspace, "made.txt")));
  assert.match(await world.model.lastRequestInFull(), /my word is heliotrope/, "the same conversation");

  await work.idle();
  assert.equal((await world.client.call("PATCH", path, { mode: "chat" })).status, 200);
  const last = await world.client.post(`/api/threads/${chat.threadId}/messages`, {
    content: '!tool Bash {"command": "rm made.txt"}\n!reply could not',
  });
  const back = new Session(world, { projectId: project.id, threadId: chat.threadId, runId: last.runId });
  await back.answer("could not");
  assert.ok(existsSync(join(back.workspace, "made.txt")));
  assert.match(await world.model.lastRequestInFull(), /made it/);
});

test("what is written while a switch ends the old session begins the one in the new mode", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const project = await world.project("greeter");
  // It lives on when its input is closed, so that the end takes a while.
  const work = await talk(world, project.id, { mode: "work", content: "!never-read\n!reply ready" });
  await work.answer("ready");
  await work.idle();
  const switching = world.client.call("PATCH", `/api/agents/nori/threads/${work.threadId}`, { mode: "chat" });
  const thread = `/api/threads/${work.threadId}`;
  await until("the switch has begun", async () => (await world.client.get(thread)).mode === "chat");
  const { runId } = await world.client.post(`${thread}/messages`, { content: "!reply after the switch" });
  assert.equal(runId, work.runId, "the old session has not ended yet");
  assert.equal((await switching).status, 200);
  const { runId: next } = await world.client.get(thread);
  assert.notEqual(next, work.runId);
  const chat = new Session(world, { projectId: project.id, threadId: work.threadId, runId: next });
  await chat.answer("after the switch");
  assert.equal((await world.client.get(`/api/work-sessions/${next}`)).mode, "chat");
});
