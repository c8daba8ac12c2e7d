// A project's variables: they reach the agent's shell, and nothing else ever holds their values in the clear.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

const secret = "postgres://app:cormorant-4471@127.0.0.1/shop";

test("a variable reaches the agent's shell, and its value nothing that is kept or shown", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const variable = `/api/projects/${project.id}/variables/DATABASE_URL`;
  const set = await world.client.call("PUT", variable, { value: secret });
  assert.equal(set.status, 200);

  const command = 'echo "length ${#DATABASE_URL}"; echo "$DATABASE_URL"';
  const session = await Session.start(
    world,
    project.id,
    `!tool Bash ${JSON.stringify({ command })}\n!reply done`,
  );
  await session.answer("done");
  const tools = (await session.history()).flatMap((/** @type {any} */ one) => one.toolUses ?? []);
  assert.equal(tools[0].result.trim(), `length ${secret.length}\n[hidden: DATABASE_URL]`);

  const shown = JSON.stringify(session.stream.events) + JSON.stringify(await session.history());
  assert.ok(!shown.includes("cormorant-4471"), "not in the stream, not in the history");
  await session.end();
  // The agent's own notes are in its home, which only it and the operator read.
  const found = execFileSync("grep", ["-rlF", "cormorant-4471", world.data], { encoding: "utf8" });
  const kept = found.split("\n").filter((path) => path && !path.includes("/home/"));
  assert.deepEqual(kept, [], "not in the database, the spools, the logs or the workspace");
});

test("a chat agent, which has no shell, is given no variable", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const variable = `/api/projects/${project.id}/variables/DATABASE_URL`;
  assert.equal((await world.client.call("PUT", variable, { value: secret })).status, 200);
  const { threadId } = await world.client.post("/api/agents/nori/threads", {
    projectId: project.id,
    mode: "chat",
  });
  const { runId } = await world.client.post(`/api/threads/${threadId}/messages`, {
    content: '!tool Read {"file_path": "/proc/self/environ"}\n!reply read',
  });
  const session = new Session(world, { projectId: project.id, threadId, runId });
  await session.answer("read");
  assert.ok(!JSON.stringify(await session.history()).includes("cormorant-4471"));
  assert.ok(!(await world.model.lastRequestInFull()).includes("cormorant-4471"));
});
