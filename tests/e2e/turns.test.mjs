// Talking with an agent while it works: follow-ups, stopping it, and a server that dies in the middle of it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { processesNaming } from "./harness/processes.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

test("what is said while the agent is busy reaches it in order, once, and is receipted", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const prompt = '!hold gate\n!tool Bash {"command": "echo worked"}\n!reply done';
  const session = await Session.start(world, project.id, prompt);
  await world.model.heldAt("gate");

  const said = [];
  for (const content of ["first thought", "second thought", "third thought"])
    said.push(await session.say(content));
  for (const message of said) assert.equal(message.deliveredAt ?? null, null, "nobody has received it yet");
  await world.model.release("gate");
  await session.answer("done");

  for (const { id } of said) {
    const receipt = (/** @type {import("./harness/api.mjs").StreamEvent} */ one) =>
      one.event === "message-updated" && one.data.id === id && one.data.deliveredAt;
    await session.stream.next(`a receipt for ${id}`, (one) => Boolean(receipt(one)));
  }
  const contents = said.map((message) => message.content);
  const heard = (await world.model.requests()).at(-1)?.steered.join("\n") ?? "";
  const places = contents.map((content) => heard.indexOf(content));
  assert.ok(
    places.every((at) => at >= 0),
    `the model heard: ${heard}`,
  );
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  for (const content of contents) assert.equal(heard.split(content).length, 2, `once: ${content}`);
  const stored = (await session.history()).filter((/** @type {any} */ one) => contents.includes(one.content));
  assert.deepEqual(
    stored.map((/** @type {any} */ one) => one.content),
    contents,
  );
});

test("Stop ends the turn and what runs in it, and the conversation goes on", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(
    world,
    project.id,
    '!tool Bash {"command": "sleep 1234"}\n!reply never',
  );
  const sleeping = () => processesNaming("sleep 1234").filter((line) => /^\d+ sleep 1234$/.test(line));
  await until("the agent's command runs", () => sleeping().length > 0);

  const before = Date.now();
  await world.client.post(`/api/agent-runs/${session.runId}/interrupt`, {});
  await until("the command is gone", () => sleeping().length === 0, 2_000);
  await session.idle();
  t.diagnostic(`stopped within ${Date.now() - before} ms`);

  await session.say("!reply still here");
  await session.answer("still here");
  const run = await world.client.get(`/api/agent-runs/${session.runId}`);
  assert.equal(run.status, "coding");
});

test("a server that is killed in mid-turn costs nothing: the answer is there once, the model was asked once", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(
    world,
    project.id,
    "!reply before\n!hold gate\n!reply after the restart",
  );
  await world.model.heldAt("gate");

  await world.killServer();
  await world.model.release("gate");
  await until("the turn is finished without a server", async () => {
    const asked = (await world.model.requests()).at(-1);
    return asked?.state === "answered";
  });
  await world.startServer();
  session.follow();
  await session.stream.message("the answer", (one) => one.content.includes("after the restart"));
  const requests = await world.model.requests();
  assert.equal(requests.length, 1);

  await session.say("!reply and on");
  await session.answer("and on");
  const history = await session.history();
  const answers = history.filter(
    (/** @type {any} */ one) => one.content.includes("after the restart") && one.sender === "agent",
  );
  assert.equal(answers.length, 1);
});
