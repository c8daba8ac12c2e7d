// Every way in which an agent's program can hang: the person sees early that it is silent, it is ended with all that it started,
// the chat says so once, and the conversation goes on.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startFake, withFakeAgent } from "./harness/fake_agent.mjs";
import { aNumber, processesNaming } from "./harness/processes.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

const impatient = { ...withFakeAgent, serve: ["--silence-notice", "1", "--silence-limit", "3"] };

/** Its words, and whether it has received the message when it hangs. */
const hangs = /** @type {[string, string, boolean][]} */ ([
  ["says nothing more", "!silent", true],
  ["says nothing more in the middle of an answer", "!text half of an\n!silent", true],
  ["ignores every signal that can be ignored", "!ignore-term", true],
  ["closes its output", "!close-stdout", true],
  ["hangs after its result", "!result-then-hang", false],
  ["reads nothing more", "!never-read", false],
]);

test(
  "an agent's program that hangs is ended, and what waits is answered by the next",
  { concurrency: 3 },
  async (t) => {
    const world = await startWorld(t, impatient);
    const cases = hangs.map(([what, words, inTurn], number) =>
      t.test(what, async () => {
        const { session } = await startFake(world, `greeter-${number}`);
        const seconds = aNumber();
        const fault = await session.say(`!spawn ${seconds}\n${words}`);
        const received = await session.received(fault.id);
        await until("the agent's command runs", () => processesNaming(`sleep ${seconds}`).length > 0);
        if (!inTurn) await session.idle(received);
        // More than a pipe holds: the second is in it only in part, or not at all.
        const long = `!reply one\n${"x".repeat(100_000)}`;
        for (const content of [long, "!reply two"]) await session.say(content);

        const { data } = await session.stream.next(
          "the silence is told",
          (one) => one.event === "session" && one.data.silence,
        );
        assert.equal(data.silence.waitingFor, "agent");
        assert.equal(data.silence.limitSeconds, 3);
        await session.answer("one");
        await session.answer("two");
        const errors = await session.errors();
        assert.equal(errors.length, 1, JSON.stringify(errors));
        assert.match(errors[0].content, /Nori's program has said nothing for 3 seconds/);
        assert.match(errors[0].content, /What waits is next/);
        assert.deepEqual(processesNaming(`sleep ${seconds}`), [], "nothing of the hanging agent is left");
        await session.say("!recall");
        const heard = await session.answer("[");
        assert.deepEqual(JSON.parse(heard.data.content), [
          "!reply ready",
          fault.content,
          long,
          "!reply two",
          "!recall",
        ]);
      }),
    );
    await Promise.all(cases);
  },
);

test("Stop ends an agent's program that does not listen", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const { session } = await startFake(world);
  const seconds = aNumber();
  const fault = await session.say(`!spawn ${seconds}\n!ignore-term`);
  await session.received(fault.id);
  const running = () => processesNaming(`sleep ${seconds}`);
  await until("the agent's command runs", () => running().length > 0);
  await world.client.post(`/api/agent-runs/${session.runId}/interrupt`, {});
  await session.stream.message("the end is told", (one) => /did not stop when asked/.test(one.content));
  await until("nothing of the agent is left", () => running().length === 0);
  assert.deepEqual(await session.errors(), []);
  await session.say("!reply here again");
  await session.answer("here again");
});
