// What an agent may not do without a person: requests that are stored, listed, answered once, and survive what dies meanwhile;
// questions, plans, and modes that change in the middle.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

const touch = (/** @type {string} */ file) => `!tool Bash ${JSON.stringify({ command: `touch ${file}` })}`;

/**
 * A session in a permission mode.
 * @param {World} world
 * @param {string} prompt
 * @param {string} [permissionMode]
 */
async function start(world, prompt, permissionMode = "ask") {
  const project = await world.project("greeter");
  return startIn(world, project.id, prompt, permissionMode);
}

/**
 * @param {World} world
 * @param {string} projectId
 * @param {string} prompt
 * @param {string} permissionMode
 */
async function startIn(world, projectId, prompt, permissionMode) {
  const body = { projectId, prompt, permissionMode };
  const { runId, threadId } = await world.client.post("/api/agents/nori/work-sessions", body);
  return new Session(world, { projectId, threadId, runId });
}

/**
 * The next request that the agent makes, after an event when given.
 * @param {Session} session
 * @param {import("./harness/api.mjs").StreamEvent} [after]
 */
async function asked(session, after) {
  return session.stream.next("the agent asks", (one) => one.event === "permission-request", { after });
}

/**
 * @param {Session} session
 * @param {string} requestId
 * @param {Record<string, unknown>} body
 */
const answer = (session, requestId, body) =>
  session.world.client.call("POST", `/api/agent-runs/${session.runId}/permissions/${requestId}`, body);

const made = (/** @type {Session} */ session, /** @type {string} */ file) =>
  existsSync(join(session.workspace, file));

test("a tool waits for consent, and the answer decides", async (t) => {
  const world = await startWorld(t);
  const session = await start(world, `${touch("one.txt")}\n${touch("two.txt")}\n!reply done`);
  const first = await asked(session);
  assert.equal(first.data.tool, "Bash");
  assert.equal(first.data.kind, "tool");
  assert.equal(first.data.input.command, "touch one.txt");
  assert.ok(first.data.expiresAt > first.data.requestedAt);
  assert.equal(made(session, "one.txt"), false);

  const run = await world.client.get(`/api/agent-runs/${session.runId}`);
  assert.equal(run.attention, "permission");
  const thread = await world.client.get(`/api/threads/${session.threadId}`);
  assert.equal(thread.attention, "permission");
  const project = await world.client.get(`/api/projects/${session.projectId}`);
  assert.equal(project.attention, "permission");
  const { items } = await world.client.get(`/api/agent-runs/${session.runId}/permissions`);
  assert.deepEqual(
    items.map((/** @type {any} */ one) => one.requestId),
    [first.data.requestId],
  );

  const allowed = await answer(session, first.data.requestId, { behavior: "allow" });
  assert.equal(allowed.status, 200);
  assert.equal(allowed.body.status, "allowed");
  const second = await asked(session, first);
  assert.equal(made(session, "one.txt"), true);
  await answer(session, second.data.requestId, { behavior: "deny", message: "not in this project" });
  await session.answer("done");
  assert.equal(made(session, "two.txt"), false);
  assert.match(await world.model.lastRequestInFull(), /not in this project/);
  await session.idle(second);
  assert.equal((await world.client.get(`/api/agent-runs/${session.runId}`)).attention, null);
});

test("of many answers one counts, and the others are told which", async (t) => {
  const world = await startWorld(t);
  const session = await start(world, `${touch("one.txt")}\n!reply done`);
  const { data } = await asked(session);
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, i) =>
      answer(session, data.requestId, { behavior: i % 2 ? "allow" : "deny" }),
    ),
  );
  const taken = answers.filter((one) => one.status === 200);
  assert.equal(taken.length, 1);
  for (const late of answers.filter((one) => one.status !== 200)) {
    assert.equal(late.status, 409);
    assert.equal(late.body.code, "already_answered");
    assert.equal(late.body.permission.status, taken[0].body.status);
  }
  await session.answer("done");
  assert.equal(made(session, "one.txt"), taken[0].body.status === "allowed");
});

test("a consent for the session holds for the session, one for good until it is taken back", async (t) => {
  const world = await startWorld(t);
  const session = await start(world, `${touch("a")}\n!reply first`);
  const first = await asked(session);
  await answer(session, first.data.requestId, { behavior: "allow", scope: "command" });
  await session.answer("first");
  await session.say(`${touch("a")}\n${touch("b")}\n!reply second`);
  const other = await asked(session, first);
  assert.equal(other.data.input.command, "touch b", "the same command was not asked again");
  await answer(session, other.data.requestId, { behavior: "allow", scope: "session" });
  await session.say(`${touch("c")}\n!reply third`);
  await session.answer("third");
  assert.ok(made(session, "b") && made(session, "c"));
  const details = `/api/work-sessions/${session.runId}`;
  assert.deepEqual((await world.client.get(details)).allowedTools, ["Bash"]);
  assert.equal((await world.client.call("PATCH", details, { permissionMode: "ask" })).status, 200);
  assert.equal((await world.client.get(details)).allowedTools, undefined);
  await session.say(`${touch("d")}\n!reply taken back`);
  const anew = await asked(session, other);
  assert.equal(anew.data.input.command, "touch d", "a choice of the mode begins anew");
  await answer(session, anew.data.requestId, { behavior: "deny" });
  await session.answer("taken back");
  await session.end();

  const again = await startIn(world, session.projectId, `${touch("a")}\n${touch("c")}\n!reply fourth`, "ask");
  const asks = await asked(again);
  assert.equal(asks.data.input.command, "touch c", "the session's consent went with it, the other did not");
  await answer(again, asks.data.requestId, { behavior: "deny" });
  await again.answer("fourth");

  const rules = `/api/projects/${session.projectId}/permission-rules`;
  const { items } = await world.client.get(rules);
  assert.deepEqual(
    items.map((/** @type {any} */ one) => one.input.command),
    ["touch a"],
  );
  await world.client.delete(`${rules}/${items[0].id}`);
  await again.say(`${touch("a")}\n!reply fifth`);
  const after = await asked(again, asks);
  assert.equal(after.data.input.command, "touch a");
  await answer(again, after.data.requestId, { behavior: "deny" });
  await again.answer("fifth");
});

test("a request outlives the server, and is answered once after it", async (t) => {
  const world = await startWorld(t);
  const session = await start(world, `${touch("one.txt")}\n!reply done`);
  const { data } = await asked(session);
  await world.killServer();
  await world.startServer();
  session.follow();
  const state = await session.stream.next("the state", (one) => one.event === "state");
  assert.deepEqual(
    state.data.permissions.map((/** @type {any} */ one) => one.requestId),
    [data.requestId],
  );
  await until(
    "the run needs a person again",
    async () => (await world.client.get(`/api/agent-runs/${session.runId}`)).attention === "permission",
  );
  const answered = await answer(session, data.requestId, { behavior: "allow" });
  assert.equal(answered.status, 200);
  await world.killServer();
  await world.startServer();
  session.follow();
  await session.answer("done");
  assert.ok(made(session, "one.txt"));
  assert.equal((await answer(session, data.requestId, { behavior: "deny" })).status, 409);
});

test("stopping the turn takes the request back; nobody's answer in time is a denial", async (t) => {
  const world = await startWorld(t, { serve: ["--permission-timeout", "2"] });
  const session = await start(world, `${touch("one.txt")}\n!reply never`);
  const first = await asked(session);
  await world.client.post(`/api/agent-runs/${session.runId}/interrupt`, {});
  const over = await session.stream.next(
    "the request is over",
    (one) => one.event === "permission-resolved" && one.data.requestId === first.data.requestId,
  );
  assert.equal(over.data.status, "cancelled");
  await session.idle(over);

  await session.say(`${touch("two.txt")}\n!reply went on`);
  const second = await asked(session, over);
  const expired = await session.stream.next(
    "the request expires",
    (one) => one.event === "permission-resolved" && one.data.requestId === second.data.requestId,
  );
  assert.equal(expired.data.status, "expired");
  await session.answer("went on");
  assert.equal(made(session, "two.txt"), false);
});

test("questions are answered with their options, plans are approved", async (t) => {
  const world = await startWorld(t);
  const question = {
    questions: [
      {
        question: "Which greeting?",
        header: "Greeting",
        multiSelect: false,
        options: [
          { label: "Hello", description: "as it is" },
          { label: "Ahoy", description: "nautical" },
        ],
      },
    ],
  };
  const session = await start(
    world,
    `!tool AskUserQuestion ${JSON.stringify(question)}\n!reply thanks`,
    "bypass",
  );
  const first = await asked(session);
  assert.equal(first.data.kind, "question");
  const run = await world.client.get(`/api/agent-runs/${session.runId}`);
  assert.equal(run.attention, "question");
  const without = await answer(session, first.data.requestId, { behavior: "allow" });
  assert.equal(without.status, 400);
  assert.equal(without.body.code, "required_answers");
  const answers = { "Which greeting?": "Ahoy" };
  assert.equal((await answer(session, first.data.requestId, { behavior: "allow", answers })).status, 200);
  await session.answer("thanks");
  assert.match(await world.model.lastRequestInFull(), /Ahoy/);
  await session.end();

  const planning = await startIn(
    world,
    session.projectId,
    `${touch("early.txt")}\n!tool ExitPlanMode {"plan": "Touch a file."}\n${touch("later.txt")}\n!reply planned`,
    "plan",
  );
  const early = await asked(planning);
  assert.equal(early.data.kind, "tool", "what changes something is asked while planning");
  await answer(planning, early.data.requestId, { behavior: "deny" });
  const plan = await asked(planning, early);
  assert.equal(plan.data.kind, "plan");
  await answer(planning, plan.data.requestId, { behavior: "allow" });
  const later = await asked(planning, plan);
  assert.equal(later.data.input.command, "touch later.txt");
  await answer(planning, later.data.requestId, { behavior: "allow" });
  await planning.answer("planned");
  assert.equal(made(planning, "early.txt"), false);
  assert.equal(made(planning, "later.txt"), true);
  const shown = await world.client.get(`/api/work-sessions/${planning.runId}`);
  assert.equal(shown.permissionMode, "ask", "an approved plan is carried out by asking");
});

test("the mode changes in the middle of a session, and is kept for the next", async (t) => {
  const world = await startWorld(t);
  const session = await start(
    world,
    `${touch("free.txt")}\n!hold gate\n${touch("asked.txt")}\n!reply one`,
    "bypass",
  );
  await world.model.heldAt("gate");
  assert.ok(made(session, "free.txt"), "bypass asks nobody");
  const path = `/api/work-sessions/${session.runId}`;
  const change = async (/** @type {string} */ permissionMode) =>
    world.client.expectSuccess(await world.client.call("PATCH", path, { permissionMode }), "PATCH");
  await change("ask");
  await world.model.release("gate");
  const first = await asked(session);
  await change("bypass");
  const over = await session.stream.next("it is allowed", (one) => one.event === "permission-resolved");
  assert.equal(over.data.requestId, first.data.requestId);
  assert.equal(over.data.status, "allowed");
  assert.equal(over.data.automatic, true);
  await session.answer("one");
  await session.idle(over);

  await change("plan");
  await session.say(`${touch("planned.txt")}\n!reply two`);
  const second = await asked(session, over);
  await answer(session, second.data.requestId, { behavior: "deny" });
  await session.answer("two");
  assert.equal(made(session, "planned.txt"), false);
  await change("acceptEdits");
  await session.end();

  const thread = await world.client.get(`/api/threads/${session.threadId}`);
  assert.equal(thread.permissionMode, "acceptEdits");
  const { runId } = await world.client.post(`/api/threads/${session.threadId}/messages`, {
    content: "!reply three",
  });
  const shown = await world.client.get(`/api/work-sessions/${runId}`);
  assert.equal(shown.permissionMode, "acceptEdits");
  const refused = await world.client.call("PATCH", `/api/work-sessions/${runId}`, { permissionMode: "root" });
  assert.equal(refused.body.code, "invalid_mode");
});
