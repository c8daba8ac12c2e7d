// Many people, or one with many windows, who start a project's session in the same moment: one of them does, and nobody's words
// are lost.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

const many = 64;
const numbers = Array.from({ length: many }, (_, number) => number);
const prompt = (/** @type {number} */ number) => `!reply start-${number}.`;

/**
 * Every prompt is stored once, received once and told the model once.
 * @param {Session} session
 */
async function nobodyIsLost(session) {
  const { client, model } = session.world;
  const said = async () =>
    (await session.history()).filter((/** @type {any} */ one) => one.sender === "user");
  await until("every prompt is received", async () =>
    (await said()).every((/** @type {any} */ one) => one.deliveredAt),
  );
  const contents = (await said()).map((/** @type {any} */ one) => one.content);
  assert.deepEqual(contents.toSorted(), numbers.map(prompt).toSorted());
  await until("the agent is idle", async () => !(await client.get(`/api/agent-runs/${session.runId}`)).busy);
  const heard = (await model.requests()).flatMap((one) => [one.userText, ...one.steered]).join("\n");
  for (const number of numbers) assert.equal(heard.split(`start-${number}.`).length, 2, prompt(number));
  assert.deepEqual(await session.errors(), []);
}

test(`of ${many} starts in ${many} conversations one wins, and the others are told where to send their words`, async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const threads = await Promise.all(
    numbers.map(() => world.client.post("/api/agents/nori/threads", { projectId: project.id, mode: "work" })),
  );
  const answers = await Promise.all(
    numbers.map((number) => {
      const { threadId } = threads[number];
      const body = { projectId: project.id, threadId, prompt: prompt(number) };
      return world.client.call("POST", "/api/agents/nori/work-sessions", body);
    }),
  );
  const winner = answers.findIndex((answer) => answer.status === 201);
  const { runId, threadId } = answers[winner].body;
  assert.equal(threadId, threads[winner].threadId);
  answers.forEach(({ status, body }, number) => {
    assert.equal(status, number === winner ? 201 : 200);
    assert.deepEqual(body, { runId, threadId, status: number === winner ? "started" : "existing" });
  });
  const { items } = await world.client.get(`/api/projects/${project.id}/runs`);
  assert.deepEqual(
    items.map((/** @type {any} */ one) => one.id),
    [runId],
    "one run, however many wanted one",
  );
  for (const number of numbers.filter((one) => one !== winner)) {
    const own = await world.client.get(`/api/threads/${threads[number].threadId}/messages`);
    assert.deepEqual(own, [], "nothing is stored where no agent reads it");
  }

  const others = numbers.filter((number) => number !== winner);
  await Promise.all(
    others.map((number) =>
      world.client.post(`/api/agent-runs/${runId}/messages`, { sender: "user", content: prompt(number) }),
    ),
  );
  await nobodyIsLost(new Session(world, { projectId: project.id, threadId, runId }));
});

test(`${many} first messages of one conversation are all of one run`, async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/nori/threads", { projectId: project.id });
  const answers = await Promise.all(
    numbers.map((number) =>
      world.client.call("POST", `/api/threads/${threadId}/messages`, { content: prompt(number) }),
    ),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  const runs = new Set(answers.map(({ body }) => body.runId));
  assert.equal(runs.size, 1);
  const [runId] = runs;
  await nobodyIsLost(new Session(world, { projectId: project.id, threadId, runId }));
});
