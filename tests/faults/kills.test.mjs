// The server is killed, again and again, at moments of a seed's choice, while many send and many follow.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { until } from "../e2e/harness/until.mjs";
import { startWorld } from "../e2e/harness/world.mjs";
import { makeRuns, randomOf, Reader, Sender, stored } from "./crowd.mjs";

const rounds = Number(process.env.OMAKASE_FAULTS_ROUNDS ?? 12);
const seed = Number(process.env.OMAKASE_FAULTS_SEED ?? 20261126);
const patience = 120_000;

test(`64 senders lose nothing and nothing is there twice over ${rounds} kills, seed ${seed}`, async (t) => {
  const world = await startWorld(t, { practice: true });
  const random = randomOf(seed);
  const runs = await makeRuns(world, 8);
  const senders = Array.from({ length: 64 }, (_, i) => new Sender(world, runs[i % runs.length], `s${i}`));
  const readers = Array.from({ length: 16 }, (_, i) => new Reader(world, runs[i % runs.length]));
  for (let round = 0; round < rounds; ++round) {
    await pause(5 + random() * 495); // the kill's moment, which is the seed's
    await world.killServer();
    await world.startServer();
  }
  const before = senders.map((one) => one.acknowledged);
  await until(
    "everybody sends again",
    () => senders.every((one, i) => one.acknowledged > before[i]),
    patience,
  );
  await Promise.all(senders.map((one) => one.leave()));
  assert.deepEqual(
    senders.flatMap((one) => one.refused),
    [],
  );

  for (const [at, run] of runs.entries()) {
    const found = await stored(world, run);
    for (const one of senders.filter((_, i) => i % runs.length === at)) {
      const numbers = found.get(one.name) ?? [];
      assert.deepEqual(numbers, [...numbers.keys()], `${one.name}: in order, once, without a gap`);
      assert.equal(numbers.length, one.acknowledged, `${one.name}: what was acknowledged, and nothing else`);
    }
    const all = [...found.values()].reduce((sum, numbers) => sum + numbers.length, 0);
    for (const reader of readers.filter((_, i) => i % runs.length === at)) {
      await until("a reader has everything", () => reader.received >= all, patience);
      await reader.leave();
      assert.deepEqual(reader.wrong, []);
      assert.equal(reader.received, all);
    }
  }
  assert.ok(readers.reduce((sum, one) => sum + one.connections, 0) > 2 * readers.length, "they came back");
  const start = performance.now();
  await world.killServer();
  await world.startServer();
  t.diagnostic(
    `${senders.reduce((sum, one) => sum + one.acknowledged, 0)} messages; a start after all of it took ${Math.round(performance.now() - start)} ms`,
  );
});
