// How a work session starts: once per project, and with words when it cannot.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { startWorld } from "./harness/world.mjs";

/** @param {import("./harness/world.mjs").World} world */
const sessions = (world) => {
  const path = "/api/agents/nori/work-sessions";
  return {
    path,
    /**
     * @param {string} projectId
     * @param {string} prompt
     */
    async start(projectId, prompt) {
      const thread = await world.client.post("/api/agents/nori/threads", { projectId, mode: "work" });
      return world.client.call("POST", path, { projectId, threadId: thread.threadId, prompt });
    },
  };
};

test("a project has one work session at a time", async (t) => {
  const world = await startWorld(t);
  const { start, path } = sessions(world);
  const project = await world.project("greeter");

  const [first, second] = await Promise.all([
    start(project.id, "!reply first"),
    start(project.id, "!reply second"),
  ]);
  assert.deepEqual([first.status, second.status].sort(), [200, 201]);
  assert.equal(first.body.runId, second.body.runId);
  assert.equal(first.body.threadId, second.body.threadId);
  assert.deepEqual([first.body.status, second.body.status].sort(), ["existing", "started"]);

  const { runId, threadId } = first.body;
  assert.deepEqual(await world.client.get(`${path}/active?threadId=${threadId}`), { active: true, runId });
  await world.client.delete(`/api/work-sessions/${runId}`);
  await world.client.delete(`/api/work-sessions/${runId}`);
  assert.deepEqual(await world.client.get(`${path}/active?threadId=${threadId}`), { active: false });
  const third = await start(project.id, "!reply third");
  assert.equal(third.status, 201);
  assert.notEqual(third.body.runId, runId);
});

test("what cannot start says why", async (t) => {
  const world = await startWorld(t);
  const { start, path } = sessions(world);
  const bare = await world.client.post("/api/projects", { name: "no repository" });
  const refused = await start(bare.id, "hello");
  assert.equal(refused.status, 400);
  assert.equal(refused.body.code, "no_repo_url");
  assert.match(refused.body.detail, /Project has no repository URL configured/);

  const body = { projectId: bare.id, threadId: "unknown", prompt: "hello" };
  assert.equal((await world.client.call("POST", "/api/agents/nobody/work-sessions", body)).status, 404);
  assert.equal((await world.client.call("POST", path, { ...body, projectId: "unknown" })).status, 404);

  const gone = await world.client.post("/api/projects", {
    name: "gone",
    repoUrl: join(world.folder, "gone.git"),
  });
  const { body: started } = await start(gone.id, "hello");
  const stream = world.client.follow(started.runId);
  const { data: error } = await stream.message("the failure is in the chat", (one) => one.type === "error");
  assert.match(error.content, /repository/i);
  assert.equal(error.setup?.state, "failed", JSON.stringify(error));
  const close = await stream.next("the run ends", (one) => one.event === "close");
  assert.equal(close.data.status, "failed");
});

test("first messages sent at once to a new thread all arrive, and a repeated one is stored once", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/nori/threads", { projectId: project.id });
  const say = (/** @type {string} */ content, /** @type {string} */ id) =>
    world.client.post(`/api/threads/${threadId}/messages`, { content, id });
  const answers = await Promise.all([
    say("!reply one", "first-message"),
    say("!reply one", "first-message"),
    say("!reply two", "second-message"),
  ]);
  assert.equal(new Set(answers.map((answer) => answer.runId)).size, 1);
  const history = await world.client.get(`/api/threads/${threadId}/messages`);
  const said = history.filter((/** @type {any} */ one) => one.sender === "user");
  assert.deepEqual(said.map((/** @type {any} */ one) => one.id).sort(), ["first-message", "second-message"]);
});
