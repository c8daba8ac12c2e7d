// What dies in the middle of a turn, and that the conversation goes on: the agent's process, its runner, everything at once, a
// server during set-up; and what the command line does about it all.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { processesNaming } from "./harness/processes.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/**
 * Ends every process of this world whose command line fits, at once and without warning.
 * @param {import("./harness/world.mjs").World} world
 * @param {RegExp} pattern
 */
function killAll(world, pattern) {
  const lines = processesNaming(world.folder).filter((line) => pattern.test(line));
  for (const line of lines) process.kill(Number(line.split(" ")[0]), "SIGKILL");
  return lines.length;
}

const runners = /agent-run --dir/;
const agents = /claude\S* -p /;

/** @param {number} seconds */
const sleeping = (seconds) =>
  processesNaming(`sleep ${seconds}`).filter((line) => line.endsWith(` sleep ${seconds}`));

/**
 * A session whose agent is in the middle of a command.
 * @param {import("./harness/world.mjs").World} world
 * @param {number} seconds
 */
async function busySession(world, seconds) {
  const project = await world.project("greeter");
  const prompt = `!tool Bash {"command": "sleep ${seconds}"}\n!reply never`;
  const session = await Session.start(world, project.id, prompt);
  await until("the agent's command runs", () => sleeping(seconds).length > 0);
  return session;
}

/**
 * Whether the stored conversation has this answer, once.
 * @param {Session} session
 * @param {string} content
 */
async function answered(session, content) {
  const history = await session.history();
  const answers = history.filter(
    (/** @type {any} */ one) => one.sender === "agent" && one.content === content,
  );
  assert.ok(answers.length <= 1, "an answer is stored once");
  return answers.length === 1;
}

for (const [what, pattern, seconds] of /** @type {[string, RegExp, number][]} */ ([
  ["agent's process", agents, 2101],
  ["runner", runners, 2102],
])) {
  test(`when the ${what} dies, the chat says so and the next message goes on`, async (t) => {
    const world = await startWorld(t);
    const session = await busySession(world, seconds);
    assert.ok(killAll(world, pattern) > 0);
    const error = await session.stream.message("the death is told", (one) => one.type === "error");
    assert.match(error.data.content, /next message goes on/);
    await until("nothing of the agent is left", () => sleeping(seconds).length === 0);

    await session.say("!reply here again");
    await session.answer("here again");
    const asked = (await world.model.requests()).map((/** @type {any} */ one) => one.userText);
    assert.equal(asked.filter((/** @type {string} */ text) => text.includes("here again")).length, 1);
    const tools = (await session.history()).flatMap((/** @type {any} */ one) => one.toolUses ?? []);
    assert.equal(tools.length, 1, "the command was not run again");
    assert.equal(tools[0].status, "error");
  });
}

/** @type {Record<string, (world: import("./harness/world.mjs").World) => Promise<void>>} */
const whoDies = {
  "the server dies": async (world) => {
    await world.killServer();
    await world.startServer();
  },
  "the agent's process dies": async (world) => void killAll(world, agents),
  "the runner dies": async (world) => void killAll(world, runners),
  "everything dies at once": async (world) => {
    killAll(world, / (serve|agent-run) /);
    await world.server?.exited;
    await world.startServer();
  },
};

for (const [what, die] of Object.entries(whoDies)) {
  test(`when ${what}, what waits for a person and what waits for the agent are both kept`, async (t) => {
    const world = await startWorld(t);
    const project = await world.project("greeter");
    const prompt = '!tool Bash {"command": "echo made >> ledger"}\n!reply made it';
    const body = { projectId: project.id, prompt, permissionMode: "ask" };
    const ids = await world.client.post("/api/agents/nori/work-sessions", body);
    const session = new Session(world, { projectId: project.id, ...ids });
    const asked = (/** @type {import("./harness/api.mjs").StreamEvent} */ one) =>
      one.event === "permission-request";
    const { data: request } = await session.stream.next("the agent asks", asked);
    const messages = `/api/threads/${session.threadId}/messages`;
    await world.client.post(messages, { content: "!reply held answer", queued: true });
    await world.client.post(messages, { content: "!reply next answer" });

    await die(world);
    session.follow();
    const pending = async () => {
      const { items } = await world.client.get(`/api/agent-runs/${session.runId}/permissions`);
      return items.map((/** @type {any} */ one) => one.requestId);
    };
    const agentLives = what === "the server dies";
    if (agentLives) {
      assert.deepEqual(await pending(), [request.requestId], "the agent still asks");
      const path = `/api/agent-runs/${session.runId}/permissions/${request.requestId}`;
      await world.client.post(path, { behavior: "allow" });
      await session.answer("made it");
    }
    // By now both are on their way by themselves: what is held goes when the agent is idle.
    await until("the held message is answered", () => answered(session, "held answer"));
    await until(
      "the run is idle",
      async () => !(await world.client.get(`/api/agent-runs/${session.runId}`)).busy,
    );
    assert.deepEqual(await pending(), []);
    assert.equal((await session.errors()).length, agentLives ? 0 : 1);
    const history = await session.history();
    for (const one of history.filter((/** @type {any} */ each) => each.sender === "user")) {
      assert.ok(one.deliveredAt, `a receipt for ${one.content}`);
    }
    const ledger = join(session.workspace, "ledger");
    assert.equal(existsSync(ledger), agentLives, "what nobody allowed was not done");
    if (agentLives) assert.equal(readFileSync(ledger, "utf8"), "made\n");
    const first = (await world.model.requests()).filter((one) => one.userText.includes("made it"));
    assert.equal(first.length, agentLives ? 2 : 1, "no step of the first turn was asked for again");

    await session.say("!reply and on");
    await session.answer("and on");
    assert.match(await world.model.lastRequestInFull(), /echo made/, "it is the same conversation");
  });
}

test("when the machine dies, what was stored is there and the next message goes on", async (t) => {
  const world = await startWorld(t);
  const session = await busySession(world, 2103);
  await world.killServer();
  killAll(world, runners);
  await until("nothing of the agent is left", () => sleeping(2103).length === 0);

  await world.startServer();
  const errors = async () =>
    (await session.history()).filter((/** @type {any} */ one) => one.type === "error").length;
  await until("the death is told", async () => (await errors()) > 0);
  assert.equal(await errors(), 1);
  assert.equal((await session.history()).filter((/** @type {any} */ one) => one.toolUses).length, 1);
  await until(
    "the run is idle",
    async () => !(await world.client.get(`/api/agent-runs/${session.runId}`)).busy,
  );
  session.follow();
  await session.say("!reply after the death");
  await session.answer("after the death");
});

test("a server that dies or is stopped during set-up sets up again and loses nothing", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const killed = await Session.start(world, project.id, "!reply first");
  await world.killServer();
  await world.startServer();
  await until("the first answer is there", () => answered(killed, "first"));
  await world.client.delete(`/api/work-sessions/${killed.runId}`);

  const stopped = await Session.start(world, project.id, "!reply second");
  const { status, lines } = await world.omakase("stop");
  assert.equal(status, 0);
  assert.deepEqual(lines, ["The server has ended."]);
  await world.startServer();
  await until("the second answer is there", () => answered(stopped, "second"));
});

test("stop --agents ends the server and every agent; a server that is gone is said to be", async (t) => {
  const world = await startWorld(t);
  await busySession(world, 2104);
  assert.equal((await world.omakase("stop", "--agents")).status, 0);
  assert.deepEqual(sleeping(2104), []);
  assert.equal(processesNaming(world.folder).filter((line) => runners.test(line)).length, 0);
  assert.deepEqual((await world.omakase("stop")).lines, ["No server is running."]);
});

test("a second server on the same data says who holds it", async (t) => {
  const world = await startWorld(t);
  const { status } = await world.omakase("serve", "--listen", "127.0.0.1:0");
  assert.equal(status, 1);
});
