// A server that is asked to end while everybody is at it: in good order, and nothing is lost.
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../e2e/harness/until.mjs";
import { startWorld } from "../e2e/harness/world.mjs";
import { makeRuns, Reader, Sender, stored } from "./crowd.mjs";

test("SIGTERM among 16 senders, 300 readers and 20 that take nothing ends the server well", async (t) => {
  const world = await startWorld(t, { practice: true });
  const runs = await makeRuns(world, 4);
  const senders = Array.from(
    { length: 16 },
    (_, i) => new Sender(world, runs[i % 4], `s${i}`, { bytes: 500 }),
  );
  const readers = Array.from({ length: 300 }, (_, i) => new Reader(world, runs[i % 4]));
  const held = Array.from({ length: 20 }, (_, i) => new Reader(world, runs[i % 4]));
  await until("everybody hears", () => [...readers, ...held].every((one) => one.received > 0), 60_000);
  for (const one of held) one.hold();

  for (let round = 0; round < 3; ++round) {
    const before = senders.map((one) => one.acknowledged);
    await until("everybody sends", () => senders.every((one, i) => one.acknowledged > before[i]), 60_000);
    assert.equal(await world.server?.end("SIGTERM"), 0);
    await world.startServer();
  }
  await Promise.all(senders.map((one) => one.leave()));
  assert.deepEqual(
    senders.flatMap((one) => one.refused),
    [],
    "who could not be served was told to come again",
  );
  for (const one of held) one.release();
  const all = await Promise.all(runs.map((run) => stored(world, run)));
  for (const [i, one] of senders.entries()) {
    const numbers = all[i % 4].get(one.name) ?? [];
    assert.deepEqual(numbers, [...Array(one.acknowledged).keys()]);
  }
  const totals = all.map((found) => [...found.values()].reduce((sum, numbers) => sum + numbers.length, 0));
  await until(
    "everybody has everything",
    () => [...readers, ...held].every((one, i) => one.received >= totals[i % 4]),
    120_000,
  );
  for (const one of [...readers, ...held]) {
    assert.deepEqual(one.wrong, []);
    await one.leave();
  }
});
