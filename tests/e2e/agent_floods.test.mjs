// What an agent's program can say too much of, and what it can say wrong: the server stays small, other sessions go on, the session
// itself does too, and what is stored is text.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { startFake, withFakeAgent } from "./harness/fake_agent.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

/** @param {number} pid */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const megabytes = (/** @type {string} */ name) =>
    Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1]) / 1024;
  // A sanitizer reserves terabytes of addresses, and its shadow and quarantine count as memory in use.
  return { peak: megabytes("VmHWM"), sanitized: megabytes("VmSize") > 1e6 };
}

const floods = /** @type {[string, string, RegExp[]][]} */ ([
  ["a line of 100 MB", "!flood-line 100MB", [/line of the agent's output was too long and was left out/]],
  ["a line of 60 MB that means nothing", "!flood-line 60MB", []],
  ["an answer of 30 MB", "!long-answer 30MB", []],
  ["200,000 lines at once", "!flood 200000", []],
  ["an answer in 20,000 pieces", "!flood-text 20000", []],
  ["five million values in a line", "!many-values 5MB", []],
  ["3 MB of errors", "!stderr-flood 3MB", []],
]);

for (const [number, [what, words, told]] of floods.entries()) {
  test(`an agent that says ${what} costs the server little, and goes on`, async (t) => {
    const world = await startWorld(t, withFakeAgent);
    const { session } = await startFake(world);
    const pid = world.server?.pid ?? 0;
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    await session.say(`${words}\n!reply still here ${number}`);
    // A flood takes as long as the machine needs for it.
    await session.answer(`still here ${number}`, { milliseconds: 300_000 });
    const { peak, sanitized } = memory(pid);
    t.diagnostic(`${peak.toFixed(0)} MB${sanitized ? " with a sanitizer" : ""}`);
    assert.ok(peak < (sanitized ? 1500 : 200), `${peak} MB`);
    const errors = (await session.errors()).map((/** @type {any} */ one) => one.content);
    assert.equal(errors.length, told.length, errors.join("\n"));
    for (const [at, pattern] of told.entries()) assert.match(errors[at], pattern);
  });
}

test("while one agent floods, another's conversation goes on", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const [loud, quiet] = await Promise.all([startFake(world, "loud"), startFake(world, "quiet")]);
  const flood = await loud.session.say("!flood-until gate\n!reply enough");
  await loud.session.received(flood.id);
  for (const turn of ["one", "two", "three"]) {
    const before = Date.now();
    await quiet.session.say(`!reply ${turn}`);
    await quiet.session.answer(turn);
    t.diagnostic(`answered in ${Date.now() - before} ms`);
  }
  const run = await world.client.get(`/api/agent-runs/${loud.session.runId}`);
  assert.equal(run.busy, true);
  loud.agent.open("gate");
  // What the flood left unread, as much as a runner keeps for a server, is read first.
  await loud.session.answer("enough", { milliseconds: 300_000 });
});

test("a line without end is told when its program dies", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const { session } = await startFake(world);
  await session.say("!flood-half-line 100MB\n!exit 1");
  await session.stream.message("the death is told", (one) => /ended with code 1/.test(one.content));
  await session.say("!reply still here");
  await session.answer("still here");
  const errors = (await session.errors()).map((/** @type {any} */ one) => one.content);
  assert.deepEqual(
    errors.map((/** @type {string} */ one) => /too long/.test(one)),
    [true, false],
    errors.join("\n"),
  );
});

const nonsense = [
  "!nul",
  "!bad-utf8",
  "!surrogates",
  "!deep 1000",
  "!deep 1MB",
  "!huge-ids 1MB",
  "!unknown-types",
  "!malformed",
  "!duplicate-result",
  "!wrong-session --dangerous",
  "!wrong-session ../../../etc/passwd",
];

test("an agent that talks nonsense is understood as far as possible, and goes on", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const { session } = await startFake(world);
  for (const words of nonsense) {
    await session.say(`${words}\n!reply after ${words.slice(1)}`);
    await session.answer(`after ${words.slice(1)}`);
  }
  assert.deepEqual(await session.errors(), []);
  const contents = await storedContents(world, session.threadId);
  const expected = ["before\0after the escaped one", "half � of it, � the other, 😀 whole"];
  for (const content of expected) assert.ok(contents.includes(content), content);
  assert.ok(
    contents.some((one) => /^b�+\(�+e$/.test(one)),
    "bytes that are no text are replaced",
  );
  // A name of the conversation that is none was not taken for one: the next process finds the conversation.
  await session.say("!exit 1");
  await session.stream.message("the death is told", (one) => /ended with code 1/.test(one.content));
  await session.say("!recall");
  const { data } = await session.answer("[");
  assert.equal(JSON.parse(data.content).length, nonsense.length + 3);
});

/**
 * What the conversation says, as the server sends it: an error when its bytes are not UTF-8.
 * @param {World} world
 * @param {string} threadId
 * @returns {Promise<string[]>}
 */
async function storedContents(world, threadId) {
  const { base, headers } = world.client;
  const response = await fetch(`${base}/api/threads/${threadId}/messages`, { headers });
  const text = new TextDecoder("utf-8", { fatal: true }).decode(await response.arrayBuffer());
  return JSON.parse(text).map((/** @type {any} */ one) => one.content);
}
