// Twenty agents in the middle of their turns, and a server that is killed ten times: every turn goes on in its runner, and is told
// once and in order. Claude Code takes some 200 MB and a second of a core to start, so a few sessions are its own, and twenty are
// the tests' agent's; OMAKASE_ENDURANCE=full makes it twenty of both.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { FakeAgent, withFakeAgent } from "./harness/fake_agent.mjs";
import { processesNaming } from "./harness/processes.mjs";
import { makeRepository } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {{ session: Session, number: number, notes: { id: string, content: string }[] }} Busy */

const kills = 10;
const patience = 180_000; // for twenty set-ups at once
const real = process.env.OMAKASE_ENDURANCE === "full" ? 20 : 4;

/**
 * Sessions of so many projects of one repository, each with its words.
 * @param {World} world
 * @param {number} many
 * @param {(number: number) => string} prompt
 * @returns {Promise<Busy[]>}
 */
async function startMany(world, many, prompt) {
  const repoUrl = makeRepository(world.folder, "greeter");
  const start = async (/** @type {unknown} */ _, /** @type {number} */ number) => {
    const project = await world.client.post("/api/projects", { name: `greeter ${number}`, repoUrl });
    return { session: await Session.start(world, project.id, prompt(number)), number, notes: [] };
  };
  return Promise.all(Array.from({ length: many }, start));
}

const runners = (/** @type {World} */ world) =>
  processesNaming(world.folder).filter((line) => line.includes("agent-run --dir"));

/**
 * Kills the server again and again, each time while people write to two of the sessions; what they do not know to be stored they
 * send again. Two turns go on each time while no server is there.
 * @param {World} world
 * @param {Busy[]} all
 * @param {(number: number) => Promise<void> | void} letGoOn
 */
async function killAgainAndAgain(world, all, letGoOn) {
  const before = runners(world);
  assert.equal(before.length, all.length);
  for (let round = 0; round < kills; ++round) {
    const chosen = [0, 1].map((i) => all[(2 * round + i) % all.length]);
    const sends = chosen.map(({ session, number, notes }) => {
      const note = { id: randomUUID(), content: `note ${round} for ${number}.` };
      notes.push(note);
      const path = `/api/threads/${session.threadId}/messages`;
      return async () => world.client.post(path, note);
    });
    const first = Promise.allSettled(sends.map((send) => send()));
    await world.killServer();
    await first;
    for (const one of chosen) await letGoOn(one.number);
    await world.startServer();
    await Promise.all(sends.map((send) => send()));
  }
  assert.deepEqual(runners(world), before, "no runner ended, none was started");
  for (const { number } of all) await letGoOn(number);
}

/**
 * What is true of each of them when their turns are over, whatever agent it was.
 * @param {World} world
 * @param {Busy} one
 */
async function checkStored(world, { session, notes }) {
  const run = async () => world.client.get(`/api/agent-runs/${session.runId}`);
  await until(`the run ${session.runId} is idle`, async () => !(await run()).busy, patience);
  assert.equal((await run()).status, "coding");
  const history = await session.history();
  const timestamps = history.map((/** @type {any} */ one) => one.timestamp);
  assert.deepEqual(timestamps, timestamps.toSorted(), "in order");
  assert.equal(new Set(timestamps).size, timestamps.length, "once");
  assert.deepEqual(await session.errors(), []);
  for (const { id, content } of notes) {
    const stored = history.filter((/** @type {any} */ one) => one.id === id);
    assert.equal(stored.length, 1);
    assert.equal(stored[0].content, content);
    assert.ok(stored[0].deliveredAt, `a receipt for "${content}"`);
  }
  return history.filter((/** @type {any} */ one) => one.sender === "agent" && one.type === "message");
}

/**
 * Ends all sessions, and sees that nothing of them runs any more.
 * @param {World} world
 * @param {Busy[]} all
 */
async function endAll(world, all) {
  await Promise.all(all.map(({ session }) => world.client.delete(`/api/work-sessions/${session.runId}`)));
  const left = () => processesNaming(world.folder).filter((line) => !/ (serve|practice-model) /.test(line));
  await until("nothing of them runs", () => left().length === 0).catch(() => {});
  assert.deepEqual(left(), []);
}

test(`${real} sessions of Claude Code survive ${kills} deaths of the server in mid-turn`, async (t) => {
  const world = await startWorld(t);
  const ledger = (/** @type {string} */ word) => `!tool Bash {"command": "echo ${word} >> ledger"}`;
  const prompt = (/** @type {number} */ number) =>
    `${ledger("first")}\n!slow 20 20\n!hold gate-${number}\n${ledger("second")}\n!slow 20 20\n!reply done ${number}.`;
  const all = await startMany(world, real, prompt);
  await Promise.all(all.map(({ number }) => world.model.heldAt(`gate-${number}`, patience)));
  await killAgainAndAgain(world, all, (number) => world.model.release(`gate-${number}`));

  const stored = [];
  for (const one of all) stored.push({ ...one, said: await checkStored(world, one) });
  const requests = await world.model.requests();
  for (const { session, number, notes, said } of stored) {
    const steps = requests.filter((one) => one.userText.includes(`done ${number}.`)).map((one) => one.step);
    assert.deepEqual(steps, [0, 1, 2], `the model was asked once for each step of ${number}`);
    assert.equal(readFileSync(join(session.workspace, "ledger"), "utf8"), "first\nsecond\n");
    const done = said.filter((/** @type {any} */ one) => one.content.includes(`done ${number}.`));
    assert.equal(done.length, 1);
    assert.deepEqual(
      said
        .slice(0, 3)
        .map((/** @type {any} */ one) => one.toolUses?.map((/** @type {any} */ use) => use.status) ?? []),
      [["done"], ["done"], []],
    );
    const heard = requests.flatMap((one) => [one.userText, ...one.steered]).join("\n");
    for (const { content } of notes) assert.ok(heard.includes(content), `the model heard "${content}"`);
  }
  await endAll(world, all);
});

test(`twenty sessions survive ${kills} deaths of the server in mid-turn`, async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const prompt = (/** @type {number} */ number) =>
    `!tool gate\n!text half of an answer\n!hold gate\n!reply done ${number}.`;
  const all = await startMany(world, 20, prompt);
  await Promise.all(
    all.map(({ session, number }) =>
      session.stream.next(`session ${number} uses its tool`, (one) => one.event === "tool-use", {
        milliseconds: patience,
      }),
    ),
  );
  const agents = all.map(({ session }) => new FakeAgent(world, session.projectId));
  await killAgainAndAgain(world, all, (number) => agents[number].open("gate"));

  for (const { session, number, notes } of all) {
    const said = await checkStored(world, { session, number, notes });
    assert.deepEqual(
      said.map((/** @type {any} */ one) => one.content),
      ["", `done ${number}.`, ...notes.map(({ content }) => `You said: ${content}`)],
    );
    const input = agents[number].input();
    const given = input.filter((line) => line.type === "user").map((line) => line.message.content);
    assert.deepEqual(given, [prompt(number), ...notes.map(({ content }) => content)], "each was given once");
  }
  await endAll(world, all);
});

test("sessions whose server dies whenever one of their agents has just been started all start, once", async (t) => {
  const world = await startWorld(t, withFakeAgent);
  const all = await startMany(world, 8, (number) => `!reply started ${number}.`);
  for (let started = 1; started <= all.length; ++started) {
    await until("another runner is there", () => runners(world).length >= started, patience);
    await world.killServer();
    await world.startServer();
  }
  for (const { session, number } of all) {
    const answer = `started ${number}.`;
    const said = async () =>
      (await session.history()).filter((/** @type {any} */ one) => one.content === answer);
    await until(`session ${number} has started`, async () => (await said()).length > 0, patience);
    const { status } = await world.client.get(`/api/agent-runs/${session.runId}`);
    assert.equal(status, "coding");
    assert.deepEqual(await session.errors(), []);
    assert.equal((await said()).length, 1);
    const input = new FakeAgent(world, session.projectId).input();
    assert.equal(input.filter((line) => line.type === "user").length, 1, "it was given once");
  }
  assert.equal(runners(world).length, all.length, "a runner each");
  await endAll(world, all);
});
