// omakase backup and restore: while a server works, killed at any moment, and of files that are none.
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

/**
 * Runs a command of the program on a data folder; answers its exit status and what it said.
 * @param {World} world
 * @param {string[]} args
 * @returns {Promise<{ status: number | null, out: string, errors: string }>}
 */
const omakase = (world, ...args) =>
  new Promise((resolve) => {
    const options = { env: world.environment, timeout: 60_000 };
    const child = execFile(world.binary, args, options, (_, out, errors) => {
      resolve({ status: child.exitCode, out, errors });
    });
  });

async function makeRun(/** @type {World} */ world) {
  const project = await world.client.post("/api/projects", { name: "kept" });
  const { run } = await world.client.post("/api/agent-runs", { projectId: project.id, agentName: "nori" });
  return { projectId: project.id, path: `/api/agent-runs/${run.id}/messages` };
}

/**
 * Posts numbered messages of one sender until it is stopped; `acknowledged` is how many were answered.
 * @param {World} world
 * @param {string} path
 * @param {string} name
 */
function sender(world, path, name) {
  const state = { name, acknowledged: 0, stopped: false, done: Promise.resolve() };
  state.done = (async () => {
    while (!state.stopped) {
      const content = `${name} ${state.acknowledged} ${"x".repeat(500)}`;
      await world.client.post(path, { sender: "agent", content, id: `${name}-${state.acknowledged}` });
      ++state.acknowledged;
    }
  })();
  return state;
}

/**
 * The numbers that each sender's messages have, in the order of the server's answer.
 * @param {World} world
 * @param {string} path
 */
async function numbers(world, path) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  for (let since = "2000-01-01T00:00:00Z"; ;) {
    const page = await world.client.get(`${path}?since=${since}&limit=500`);
    for (const { id } of page) {
      const [name, number] = id.split("-");
      if (!found.has(name)) found.set(name, []);
      found.get(name)?.push(Number(number));
    }
    if (page.length === 0) return found;
    since = page.at(-1).timestamp;
  }
}

/**
 * Changes a few bytes of a file.
 * @param {string} file
 * @param {[at: number, bytes: number[] | string][]} changes
 */
function patch(file, changes) {
  const fd = openSync(file, "r+");
  for (const [at, bytes] of changes)
    writeSync(fd, Buffer.from(/** @type {string} */ (bytes)), 0, bytes.length, at);
  closeSync(fd);
}

const isWhole = (/** @type {string} */ archive) =>
  execFileSync("tar", ["--list", "--file", archive], { encoding: "utf8" }).includes("omakase.db");

test("a backup of a server at work has all that was acknowledged before it, and is a server again", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { projectId, path } = await makeRun(world);
  await world.client.call("PUT", `/api/projects/${projectId}/variables/PASSWORD`, {
    value: "rice and fish",
    secret: true,
  });
  mkdirSync(join(world.workspace("kept"), "notes"), { recursive: true });
  writeFileSync(join(world.workspace("kept"), "notes/todo.txt"), "not committed");
  mkdirSync(join(world.data, "projects/kept/repository.git"), { recursive: true });
  const senders = ["a", "b", "c", "d"].map((name) => sender(world, path, name));
  await until("there is something to back up", () => senders.every((one) => one.acknowledged > 20));
  const before = senders.map((one) => one.acknowledged);

  const archive = join(world.folder, "kept: -1.tar.gz");
  const backed = await omakase(world, "backup", archive);
  assert.deepEqual([backed.status, backed.errors], [0, ""]);
  assert.match(backed.out, /^Backed up \d+ messages to .*kept: -1\.tar\.gz \(\d+\.\d MB\)\./);
  assert.equal(statSync(archive).mode & 0o777, 0o600, "it holds the key");
  const after = senders.map((one) => one.acknowledged);
  for (const one of senders) one.stopped = true;
  await Promise.all(senders.map((one) => one.done));

  const refused = await omakase(world, "restore", archive);
  assert.equal(refused.status, 1);
  assert.match(refused.errors, /^omakase: The data folder .* is in use by process \d+\.\n$/);
  await world.server?.end();
  const key = readFileSync(join(world.data, "secret.key"));
  const full = await omakase(world, "restore", archive);
  assert.match(full.errors, /omakase\.db exists, and a restore replaces nothing\. Move .* away/);

  world.data = join(world.folder, "another/place");
  const restored = await omakase(world, "restore", archive);
  assert.deepEqual([restored.status, restored.errors], [0, ""]);
  assert.equal(restored.out.match(/\d+ messages/)?.[0], backed.out.match(/\d+ messages/)?.[0]);
  assert.equal(readFileSync(join(world.workspace("kept"), "notes/todo.txt"), "utf8"), "not committed");
  assert.deepEqual(readFileSync(join(world.data, "secret.key")), key);
  assert.ok(!existsSync(join(world.data, "projects/kept/repository.git")), "a cache is left out");
  assert.ok(!existsSync(join(world.data, "restore.part")));
  for (const private_ of ["", "omakase.db", "secret.key"]) {
    assert.equal(statSync(join(world.data, private_)).mode & 0o077, 0, `${private_}: its owner's only`);
  }

  await world.startServer();
  const kept = await numbers(world, path);
  senders.forEach((one, i) => {
    const those = kept.get(one.name) ?? [];
    assert.deepEqual(those, [...those.keys()], "each sender's messages, in order, without a gap");
    assert.ok(those.length >= before[i], `${one.name}: ${those.length} of ${before[i]} acknowledged`);
    assert.ok(those.length <= after[i] + 1, "and nothing that came later");
  });
  await world.client.post(path, { sender: "agent", content: "after", id: "after-0" });
  assert.deepEqual([...(await numbers(world, path)).keys()].at(-1), "after", "and it goes on");
});

for (const without of [[], ["--without-workspaces"]]) {
  test(`on a new machine an agent goes on after a backup${without.map((flag) => ` ${flag}`)}`, async (t) => {
    const world = await startWorld(t);
    const project = await world.project("greeter");
    const session = await Session.start(world, project.id, "!reply the rice is from Niigata");
    await session.answer("the rice is from Niigata");
    await session.idle();
    writeFileSync(join(session.workspace, "todo.txt"), "not committed");
    const archive = join(world.folder, "kept.tar");
    assert.equal((await omakase(world, "backup", archive, ...without)).status, 0);
    await world.omakase("stop", "--agents");
    rmSync(world.data, { recursive: true });

    assert.equal((await omakase(world, "restore", archive)).status, 0);
    await world.startServer();
    session.follow();
    await until(
      "the run is idle",
      async () => !(await world.client.get(`/api/agent-runs/${session.runId}`)).busy,
    );
    await session.say("!reply and still is");
    await session.answer("and still is");
    assert.ok(existsSync(join(session.workspace, "todo.txt")) === !without.length);
    if (!without.length) assert.match(await world.model.lastRequestInFull(), /the rice is from Niigata/);
    const told = (await session.history()).map((/** @type {any} */ one) => one.content);
    assert.ok(told.includes("the rice is from Niigata"), "the conversation is there");
  });
}

test("a backup without workspaces, of a server that was killed, has what only its log held", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { path } = await makeRun(world);
  writeFileSync(join(world.data, "workspaces/large"), "x");
  await world.client.post(path, { sender: "agent", content: "the last word", id: "z-0" });
  await world.killServer();
  assert.ok(statSync(join(world.data, "omakase.db-wal")).size > 0);
  const archive = join(world.folder, "kept.tar");
  assert.equal((await omakase(world, "backup", archive, "--without-workspaces")).status, 0);
  assert.deepEqual(execFileSync("tar", ["-tf", archive], { encoding: "utf8" }).trim().split("\n"), [
    "omakase.db",
    "secret.key",
  ]);
  await world.omakase("stop", "--agents"); // the practice model of this folder
  world.data = join(world.folder, "again");
  assert.equal((await omakase(world, "restore", archive)).status, 0);
  await world.startServer();
  assert.deepEqual((await numbers(world, path)).get("z"), [0]);
});

test("a backup that is killed at any moment leaves the one before", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { path } = await makeRun(world);
  for (let i = 0; i < 30; ++i)
    await world.client.post(path, { sender: "agent", content: "x".repeat(100_000) });
  const archive = join(world.folder, "kept.tar");
  assert.equal((await omakase(world, "backup", archive)).status, 0);
  const started = performance.now();
  assert.equal((await omakase(world, "backup", archive)).status, 0);
  const whole = performance.now() - started;
  let killed = 0;
  for (let part = 1; part <= 12; ++part) {
    const child = spawn(world.binary, ["backup", archive], { env: world.environment, stdio: "ignore" });
    const exited = once(child, "exit");
    const timer = setTimeout(() => child.kill("SIGKILL"), (whole * part) / 12);
    const [, signal] = await exited;
    clearTimeout(timer);
    if (signal) ++killed;
    assert.ok(isWhole(archive));
  }
  assert.ok(killed > 0, "some were killed before their end");
  assert.equal((await omakase(world, "backup", archive)).status, 0);
  assert.deepEqual(
    readdirSync(world.folder).filter((name) => name.startsWith("kept")),
    ["kept.tar"],
    "nothing is left of those",
  );
});

test("a restore that is killed at any moment is begun again, and no server starts on half of one", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { path } = await makeRun(world);
  for (let i = 0; i < 30; ++i) {
    await world.client.post(path, { sender: "agent", content: "x".repeat(100_000), id: `z-${i}` });
  }
  mkdirSync(join(world.workspace("kept")), { recursive: true });
  writeFileSync(join(world.workspace("kept"), "todo.txt"), "not committed");
  const archive = join(world.folder, "kept.tar");
  assert.equal((await omakase(world, "backup", archive)).status, 0);
  await world.server?.end();

  world.data = join(world.folder, "first");
  const started = performance.now();
  assert.equal((await omakase(world, "restore", archive)).status, 0);
  const whole = performance.now() - started;
  const database = readFileSync(join(world.data, "omakase.db"));
  let cut = 0;
  for (let part = 1; part <= 12; ++part) {
    world.data = join(world.folder, `at-${part}`);
    const child = spawn(world.binary, ["restore", archive], { env: world.environment, stdio: "ignore" });
    const exited = once(child, "exit");
    const timer = setTimeout(() => child.kill("SIGKILL"), (whole * part) / 12);
    await exited;
    clearTimeout(timer);
    if (!existsSync(join(world.data, "omakase.db"))) {
      if (existsSync(join(world.data, "restore.part"))) {
        ++cut;
        const start = await omakase(world, "serve", "--listen", "127.0.0.1:0");
        assert.equal(start.status, 1);
        assert.match(
          start.errors,
          /A restore into .* was cut\. Begin it again: omakase restore FILE --data /,
        );
      }
      const again = await omakase(world, "restore", archive);
      assert.deepEqual([again.status, again.errors], [0, ""], `cut after ${part}/12`);
    }
    assert.ok(readFileSync(join(world.data, "omakase.db")).equals(database), "byte for byte");
    assert.equal(readFileSync(join(world.workspace("kept"), "todo.txt"), "utf8"), "not committed");
    assert.ok(existsSync(join(world.data, "secret.key")));
  }
  assert.ok(cut > 0, "some were cut before their end");
  await world.startServer();
  assert.equal((await numbers(world, path)).get("z")?.length, 30);
});

test("what is no backup is told so, and leaves nothing behind", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { path } = await makeRun(world);
  for (let i = 0; i < 30; ++i)
    await world.client.post(path, { sender: "agent", content: "x".repeat(10_000) });
  const archive = join(world.folder, "kept.tar");
  assert.equal((await omakase(world, "backup", archive, "--without-workspaces")).status, 0);
  const fresh = join(world.folder, "fresh");

  const refused = async (/** @type {string} */ file, /** @type {RegExp} */ why) => {
    const { status, errors } = await omakase(world, "restore", file, "--data", fresh);
    assert.equal(status, 1);
    assert.match(errors, why);
    assert.equal(errors.trim().split("\n").length, 1, "one line");
    assert.deepEqual(
      readdirSync(fresh).filter((name) => name !== "omakase.lock"),
      [],
    );
  };
  /** An archive of a folder that has this database. */
  const archived = (/** @type {string} */ name, /** @type {(database: string) => void} */ change) => {
    const folder = join(world.folder, name);
    mkdirSync(folder);
    execFileSync("tar", ["-xf", archive, "-C", folder]);
    change(join(folder, "omakase.db"));
    execFileSync("tar", ["-cf", `${folder}.tar`, "-C", folder, "."]);
    return `${folder}.tar`;
  };
  const size = statSync(archive).size;

  mkdirSync(fresh);
  writeFileSync(join(world.folder, "words"), "not an archive at all\n");
  await refused(join(world.folder, "words"), /tar: .*not look like a tar archive/);
  await refused(join(world.folder, "nowhere"), /There is no file .*nowhere\./);
  await refused(world.folder, /There is no file /);
  execFileSync("cp", [archive, join(world.folder, "cut.tar")]);
  truncateSync(join(world.folder, "cut.tar"), Math.floor(size / 2));
  await refused(join(world.folder, "cut.tar"), /tar: .*Unexpected EOF|damaged|malformed/);
  const empty = archived("empty", (database) => truncateSync(database, 0));
  await refused(empty, /^omakase: Cannot restore .*empty\.tar: It is empty\.$/m);
  const none = archived("none", (database) => execFileSync("rm", [database]));
  await refused(none, /is no backup: it has no omakase\.db\./);
  const linked = archived("linked", (database) =>
    execFileSync("ln", ["-sf", join(world.data, "omakase.db"), database]),
  );
  await refused(linked, /is no backup: it has no omakase\.db\./);
  const flipped = archived("flipped", (database) => {
    for (let at = 8192; at < statSync(database).size; at += 512) patch(database, [[at, "damage"]]);
  });
  await refused(flipped, /^omakase: Cannot restore .*flipped\.tar: .*(malformed|damaged)/);
  // What SQLite's file format has there: the version of the schema, and whose database it is.
  const newer = archived("newer", (database) => patch(database, [[60, [0, 0, 0, 99]]]));
  await refused(newer, /It was written by a newer Omakase \(schema 99, this program knows \d+\)/);
  const other = archived("other", (database) => patch(database, [[68, [0, 0, 0, 1]]]));
  await refused(other, /It is not a database of Omakase\./);

  const nothing = await omakase(world, "backup", join(world.folder, "n.tar"), "--data", fresh);
  assert.equal(nothing.status, 1);
  assert.match(nothing.errors, /There is nothing to back up in .*fresh: it has no omakase\.db\./);
  const nowhere = await omakase(world, "backup", join(world.folder, "no/such/folder.tar"));
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.errors, /Cannot make .*folder\.tar\.part: No such file or directory\./);
  const unpacked = await omakase(world, "backup", join(world.folder, "n.tar.lzo"));
  assert.equal(unpacked.status, 1);
  assert.match(unpacked.errors, /^omakase: tar: .*lzop/, "whatever tar says");
  assert.deepEqual(
    readdirSync(world.folder).filter((name) => name.startsWith("n.tar")),
    [],
  );
  await world.server?.end();
  const database = join(world.data, "omakase.db");
  const { size: whole } = statSync(database);
  for (let at = Math.floor(whole / 2); at < whole; at += 512) patch(database, [[at, "damage"]]);
  const damaged = await omakase(world, "backup", join(world.folder, "n.tar"));
  assert.equal(damaged.status, 1);
  assert.match(damaged.errors, /^omakase: Cannot (back up|use) .*data\/omakase\.db: .*(malformed|damaged)/);
  assert.equal((await omakase(world, "backup")).status, 2);
});
