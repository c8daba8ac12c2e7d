// All streams break off at one moment, and everybody comes back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../e2e/harness/until.mjs";
import { startWorld } from "../e2e/harness/world.mjs";
import { makeRuns, Reader, Sender } from "./crowd.mjs";

const streams = Number(process.env.OMAKASE_FAULTS_STREAMS ?? 2000);
const patience = 180_000;

test(`${streams} streams are dropped at once, and go on without a gap or a double`, async (t) => {
  const world = await startWorld(t, { practice: true });
  const runs = await makeRuns(world, 20);
  const readers = Array.from({ length: streams }, (_, i) => new Reader(world, runs[i % runs.length]));
  const senders = runs.map((run, i) => new Sender(world, run, `s${i}`, { pause: 100 }));
  const everybodyHas = (/** @type {number} */ connections) =>
    until(
      `everybody has come ${connections} times, and hears`,
      () => readers.every((one) => one.connections >= connections && one.received > 0),
      patience,
    );
  await everybodyHas(1);

  await world.killServer();
  await world.startServer();
  const start = performance.now();
  await everybodyHas(2);
  t.diagnostic(`after a kill all ${streams} were back in ${Math.round(performance.now() - start)} ms`);
  for (const one of readers) one.drop();
  await everybodyHas(3);

  await Promise.all(senders.map((one) => one.leave()));
  await until(
    "everybody has everything",
    () => readers.every((one, i) => one.received >= senders[i % runs.length].acknowledged),
    patience,
  );
  const wrong = readers.flatMap((one) => one.wrong);
  assert.deepEqual(wrong.slice(0, 10), []);
  for (const [i, one] of readers.entries()) {
    assert.equal(one.received, senders[i % runs.length].acknowledged);
    await one.leave();
  }
  await until("the server has let all of them go", async () => {
    const text = (await world.client.call("GET", "/metrics")).body;
    return /^omakase_streams(?:\{[^}]*\})? 0$/m.test(text);
  });
});
