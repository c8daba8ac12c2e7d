// A disk that is really full: a small file system of the server's own, mounted where nobody else sees it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { until } from "../e2e/harness/until.mjs";
import { startWorld, World } from "../e2e/harness/world.mjs";
import { makeRuns, Reader, stored } from "./crowd.mjs";

/** @typedef {import("node:test").TestContext} TestContext */

/**
 * A world whose data folder is a small file system, and a shell beside the server that sees it.
 * @param {TestContext} t
 * @param {string} size as mount takes it
 */
async function startOnSmallDisk(t, size) {
  const world = new World(t.name, { practice: true });
  mkdirSync(world.data, { recursive: true });
  const [commands, answers] = ["commands", "answers"].map((name) => join(world.folder, name));
  execFileSync("mkfifo", [commands, answers]);
  const script = `mount -t tmpfs -o ${size} tmpfs "$0" && { sh <"${commands}" >"${answers}" & exec "$@"; }`;
  world.wrap = ["unshare", "--user", "--map-root-user", "--mount", "--", "sh", "-c", script, world.data];
  const shell = createWriteStream(commands);
  const lines = createInterface(createReadStream(answers));
  t.after(() => shell.destroy());
  t.after(() => world.end());
  await world.start();
  /** Answers the command's exit status. */
  const run = async (/** @type {string} */ command) => {
    shell.write(`${command}\necho $?\n`);
    const [status] = await once(lines, "line");
    return Number(status);
  };
  return { world, run };
}

const ready = async (/** @type {World} */ world) => (await world.client.call("GET", "/readyz")).status;

test("a full disk refuses messages with disk_full, goes on reading, and heals by itself", async (t) => {
  const { world, run } = await startOnSmallDisk(t, "size=48m");
  const [talk] = await makeRuns(world, 1);
  const reader = new Reader(world, talk);
  let number = 0;
  const post = (/** @type {number} */ bytes) =>
    world.client.call("POST", talk.path, {
      id: `s-${number}`,
      sender: "agent",
      content: `s.${number}${" ".repeat(bytes)}`,
    });
  const fill = async () => {
    for (const bytes of [200_000, 4_000, 0]) {
      for (let answer; ; ++number) {
        answer = await post(bytes);
        if (answer.status === 201) continue;
        assert.deepEqual([answer.status, answer.body.code], [503, "disk_full"]);
        assert.ok(Number(answer.headers.get("retry-after")) > 0);
        break;
      }
    }
  };
  assert.equal((await post(10)).status, 201);
  ++number;
  await run(`head -c 20M /dev/zero >"${world.data}/filler"`);
  await fill();
  const kept = number;
  assert.ok(kept > 10);
  assert.equal(await ready(world), 503);
  const numbers = [...Array(kept).keys()];
  assert.deepEqual((await stored(world, talk)).get("s"), numbers, "what was acknowledged can be read");
  await until("and followed", () => reader.received === kept);
  const late = new Reader(world, talk);
  await until("by newcomers too", () => late.received === kept);

  await run(`rm "${world.data}/filler"`);
  await until("it heals by itself", async () => (await post(10)).status === 201);
  ++number;
  assert.equal(await ready(world), 200);
  await until("everybody hears it", () => reader.received === number && late.received === number);
  assert.deepEqual([...reader.wrong, ...late.wrong], []);
  await Promise.all([reader.leave(), late.leave()]);
});

test("a disk without a free name stores messages all the same", async (t) => {
  const { world, run } = await startOnSmallDisk(t, "size=64m,nr_inodes=400");
  const [talk] = await makeRuns(world, 1);
  await run(`mkdir "${world.data}/names"`);
  await run(`i=0; while true 2>/dev/null >"${world.data}/names/$i"; do i=$((i + 1)); done`);
  assert.notEqual(await run(`mkdir "${world.data}/one-more"`), 0, "there is no name left");
  for (let number = 0; number < 50; ++number) {
    await world.client.post(talk.path, { sender: "agent", content: `s.${number}` });
  }
  assert.equal((await stored(world, talk)).get("s")?.length, 50);
  assert.equal(await ready(world), 200);
});
