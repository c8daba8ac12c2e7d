// Everybody talks, follows, breaks off, stalls and comes back, for as long as one likes: nothing is lost, and nothing grows.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { until } from "../e2e/harness/until.mjs";
import { startWorld } from "../e2e/harness/world.mjs";
import { makeRuns, randomOf, Reader, Sender, stored } from "./crowd.mjs";

/** @typedef {import("../e2e/harness/world.mjs").World} World */

const seconds = Number(process.env.OMAKASE_SOAK_SECONDS ?? 30);
const seed = Number(process.env.OMAKASE_FAULTS_SEED ?? 20261126);
const runCount = 8;

/** What the server holds: its memory in MB, its descriptors and its threads. */
function held(/** @type {World} */ world) {
  const pid = world.server?.pid;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const number = (/** @type {string} */ name) =>
    Number(status.match(new RegExp(`^${name}:\\s*(\\d+)`, "m"))?.[1]);
  return {
    memory: number("VmRSS") / 1024,
    files: readdirSync(`/proc/${pid}/fd`).length,
    threads: number("Threads"),
  };
}

test(`${seconds} seconds of everything at once, seed ${seed}`, async (t) => {
  const world = await startWorld(t, { practice: true });
  const random = randomOf(seed);
  const runs = await makeRuns(world, runCount);
  const before = held(world);
  const senders = Array.from({ length: 16 }, (_, i) => {
    const options = { pause: 2 + Math.floor(random() * 40), bytes: Math.floor(random() * 2000) };
    return new Sender(world, runs[i % runCount], `s${i}`, options);
  });
  const readers = Array.from({ length: 96 }, (_, i) => new Reader(world, runs[i % runCount]));
  const any = () => readers[Math.floor(random() * readers.length)];

  const end = performance.now() + seconds * 1000;
  let settled = held(world);
  while (performance.now() < end) {
    const [dropped, stalled, listed] = [any(), any(), runs[Math.floor(random() * runCount)]];
    dropped.drop();
    stalled.hold();
    setTimeout(() => stalled.release(), 500 + random() * 2000);
    await world.client.get(`${listed.path}?limit=50&tail=1`);
    await pause(20 + random() * 100);
    if (end - performance.now() > seconds * 600) settled = held(world);
  }
  const late = held(world);
  await Promise.all(senders.map((one) => one.leave()));
  for (const one of readers) one.release();

  for (const [at, run] of runs.entries()) {
    const found = await stored(world, run);
    const own = senders.filter((_, i) => i % runCount === at);
    for (const one of own) {
      assert.deepEqual(one.refused, []);
      assert.deepEqual(found.get(one.name) ?? [], [...Array(one.acknowledged).keys()]);
    }
    const all = own.reduce((sum, one) => sum + one.acknowledged, 0);
    for (const reader of readers.filter((_, i) => i % runCount === at)) {
      await until("a reader has everything", () => reader.received >= all, 60_000);
      await reader.leave();
      assert.deepEqual(reader.wrong, []);
    }
  }
  const sent = senders.reduce((sum, one) => sum + one.acknowledged, 0);
  const came = readers.reduce((sum, one) => sum + one.connections, 0);
  t.diagnostic(
    `${sent} messages, ${came} streams; memory ${settled.memory.toFixed(0)} then ${late.memory.toFixed(0)} MB`,
  );
  await until("all descriptors are given back", () => held(world).files <= before.files + 4);
  assert.equal(held(world).threads, before.threads);
  // AddressSanitizer keeps what was freed for a while.
  if (!world.binary.includes("/asan/")) {
    assert.ok(late.memory < settled.memory + 64, `${settled.memory} MB grew to ${late.memory}`);
  }
});
