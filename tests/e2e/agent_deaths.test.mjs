// Every way in which an agent's program can end: the chat says so once, with what the program said last; what waited is answered
// by the next process, in the same conversation.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { startFake, withFakeAgent } from "./harness/fake_agent.mjs";
import { aNumber, processesNaming } from "./harness/processes.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { fakeAgent, startWorld } from "./harness/world.mjs";

/** @param {Session} session */
async function theirWords(session) {
  const words = (await session.history()).filter(
    (/** @type {any} */ one) => one.sender === "agent" && one.type === "message",
  );
  return words.map((/** @type {any} */ one) => one.content);
}

const deaths = /** @type {[string, string, RegExp[]][]} */ ([
  ["ends with an error", "!stderr out of flour\n!exit 3", [/ended with code 3/, /out of flour/]],
  ["ends without a result", "!exit 0", [/ended with code 0 in the middle of its work/]],
  ["crashes", "!signal SIGSEGV", [/signal 11/]],
  ["ends within a line", "!half-line-exit", [/ended with code 0/, /in the middle of a line/, /and then/]],
  ["ends within an answer", "!text half of an\n!exit 1", [/ended with code 1/, /What it had said is kept/]],
  ["ends with a megabyte of errors", "!stderr-flood 1MB\n!stderr the last word\n!exit 1", [/the last word/]],
]);

test("when the agent's program dies, what waits is answered by the next", { concurrency: 4 }, async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const cases = deaths.map(([what, words, told], number) =>
    t.test(what, async () => {
      const { session, agent } = await startFake(world, `greeter-${number}`);
      const seconds = aNumber();
      const fault = await session.say(`!spawn ${seconds}\n!hold gate\n${words}`);
      await session.received(fault.id);
      await until("the agent's command runs", () => processesNaming(`sleep ${seconds}`).length > 0);
      for (const content of ["!reply one", "!reply two"]) {
        assert.equal((await session.say(content)).deliveredAt ?? null, null);
      }
      agent.open("gate");
      await session.answer("one");
      await session.answer("two");

      const errors = await session.errors();
      assert.equal(errors.length, 1, JSON.stringify(errors));
      for (const pattern of told) assert.match(errors[0].content, pattern);
      assert.deepEqual(processesNaming(`sleep ${seconds}`), [], "nothing of the dead agent is left");
      await session.say("!recall");
      const { data } = await session.answer("[");
      assert.deepEqual(JSON.parse(data.content), [
        "!reply ready",
        fault.content,
        "!reply one",
        "!reply two",
        "!recall",
      ]);
      assert.deepEqual((await theirWords(session)).slice(0, 3), ["ready", "one", "two"]);
      const run = await world.client.get(`/api/agent-runs/${session.runId}`);
      assert.equal(run.status, "coding");
    }),
  );
  await Promise.all(cases);
});

test("a message that no process lives to receive is kept, and is not tried for ever", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const { session, agent } = await startFake(world);
  const poison = await session.say("!early exit 3");
  const error = await session.stream.message("it is given up", (one) =>
    /not tried again by itself/.test(one.content),
  );
  await session.idle(error);
  assert.equal((await session.errors()).length, 2);
  const given = () =>
    agent.input().filter((line) => line.type === "user" && /early/.test(line.message.content));
  assert.equal(given().length, 2);
  const kept = (await session.history()).find((/** @type {any} */ one) => one.id === poison.id);
  assert.equal(kept.deliveredAt ?? null, null);

  const path = `/api/agent-runs/${session.runId}/messages/${poison.id}`;
  assert.equal((await world.client.call("PATCH", path, { content: "!reply harmless" })).status, 200);
  await session.answer("harmless");
});

test("a program that fails to start once is started again, and nobody is bothered", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const { session } = await startFake(world);
  await session.say("!next-start exit 4\n!exit 1");
  await session.stream.message("the death is told", (one) => one.type === "error");
  await session.say("!reply here again");
  await session.answer("here again");
  assert.equal((await session.errors()).length, 1);
});

test("an agent whose program is gone fails the run once, and its thread goes on with what waits when it is back", async (t) => {
  const copy = mkdtempSync(join(tmpdir(), "omakase-agent-"));
  t.after(() => rmSync(copy, { recursive: true }));
  cpSync(dirname(fakeAgent), copy, { recursive: true });
  const agent = join(copy, "agent.mjs");
  const world = await startWorld(t, { ...withFakeAgent, agent });
  const { session } = await startFake(world);
  renameSync(agent, `${agent}.away`);
  await session.say("!exit 1");
  await session.stream.message("the death is told", (one) => one.type === "error");
  const said = await session.say("!reply read at last");
  const close = await session.stream.next("the run ends", (one) => one.event === "close");
  assert.equal(close.data.status, "failed");
  const errors = await session.errors();
  assert.equal(errors.length, 2);
  assert.match(errors[1].content, /could not be started.*is not installed/);
  assert.ok((await session.history()).some((/** @type {any} */ one) => one.id === said.id));

  renameSync(`${agent}.away`, agent);
  const { runId } = await world.client.post(`/api/threads/${session.threadId}/messages`, {
    content: "!recall",
  });
  const { projectId, threadId } = session;
  const again = new Session(world, { projectId, threadId, runId });
  await again.received(said.id);
  await again.answer("read at last");
  const { data } = await again.answer("[");
  const heard = ["!reply ready", "!exit 1", "!reply read at last", "!recall"];
  assert.deepEqual(JSON.parse(data.content), heard);
});
