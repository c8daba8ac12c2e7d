// Whose a stream is: it ends with the login that opened it, and counts for the address that it goes to.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { Stream } from "./harness/api.mjs";
import { RawConnection } from "./harness/raw.mjs";
import { until, withDeadline } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

async function makeRun(/** @type {World} */ world) {
  const project = await world.client.post("/api/projects", { name: "streams" });
  const { run } = await world.client.post("/api/agent-runs", { projectId: project.id, agentName: "nori" });
  return { id: run.id, path: `/api/agent-runs/${run.id}/messages` };
}

/** The headers of a browser that has just signed in. */
async function signIn(/** @type {World} */ world) {
  const { code } = await world.client.post("/api/login-codes", {});
  const response = await fetch(`${world.base}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  assert.equal(response.status, 200);
  return { cookie: (response.headers.get("set-cookie") ?? "").split(";")[0] };
}

async function opened(/** @type {string} */ url, /** @type {Record<string, string>} */ headers) {
  const stream = new Stream(url, headers);
  await stream.next("its beginning", ({ data }) => data.event === "state" || "status" in data);
  return stream;
}

const ended = (/** @type {Stream} */ stream, /** @type {string} */ what) =>
  withDeadline(
    stream.done.catch(() => {}),
    what,
    40_000,
  );

test("logging out ends every stream of that login, and of no other", async (t) => {
  const world = await startWorld(t, { practice: true });
  const run = await makeRun(world);
  const [mine, other] = [await signIn(world), await signIn(world)];
  const single = `${world.base}${run.path}/stream`;
  const several = `${world.base}/api/stream?runs=${run.id}`;
  const gone = [await opened(single, mine), await opened(several, mine)];
  const kept = [
    await opened(single, other),
    await opened(several, other),
    await opened(single, world.client.headers),
  ];
  const out = await fetch(`${world.base}/api/logout`, {
    method: "POST",
    headers: { ...mine, "content-type": "application/json" },
  });
  assert.equal(out.status, 204);
  for (const stream of gone) await ended(stream, "the streams of the login end");
  assert.equal((await fetch(single, { headers: mine })).status, 401);
  await world.client.post(run.path, { sender: "agent", content: "still here" });
  const told = (/** @type {import("./harness/api.mjs").StreamEvent} */ { data }) =>
    (data.data ?? data).content === "still here";
  for (const stream of kept) await stream.next("the others go on", told);
  kept.forEach((stream) => stream.close());
});

test("a stream that is opened while its login ends does not outlive it", async (t) => {
  const world = await startWorld(t, { practice: true });
  const run = await makeRun(world);
  for (let round = 0; round < 5; ++round) {
    const mine = await signIn(world);
    const opening = Array.from({ length: 20 }, () => new Stream(`${world.base}${run.path}/stream`, mine));
    const out = fetch(`${world.base}/api/logout`, {
      method: "POST",
      headers: { ...mine, "content-type": "application/json" },
    });
    opening.push(...Array.from({ length: 20 }, () => new Stream(`${world.base}${run.path}/stream`, mine)));
    assert.equal((await out).status, 204);
    await Promise.all(opening.map((stream) => ended(stream, "each has ended, or was not opened")));
  }
});

test("a login that expires takes its streams along", async (t) => {
  const world = await startWorld(t, { practice: true });
  const run = await makeRun(world);
  const stream = await opened(`${world.base}${run.path}/stream`, await signIn(world));
  const kept = await opened(`${world.base}${run.path}/stream`, await signIn(world));
  // The first login's time is over: what the clock would do in 90 days.
  execFileSync("python3", [
    "-c",
    `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
first = db.execute("SELECT token_hash FROM logins ORDER BY expires_at LIMIT 1").fetchone()[0]
db.execute("UPDATE logins SET expires_at = 1 WHERE token_hash = ?", (first,))
db.commit()`,
    join(world.data, "omakase.db"),
  ]);
  await ended(stream, "its stream ends");
  await world.client.post(run.path, { sender: "agent", content: "still here" });
  await kept.message("the other goes on", ({ content }) => content === "still here");
  kept.close();
});

test("an address has its number of streams; one too many is asked to come again, and finds room later", async (t) => {
  const world = await startWorld(t, {
    practice: true,
    serve: ["--streams-per-address", "3", "--max-streams", "5"],
  });
  const run = await makeRun(world);
  const { authorization } = world.client.headers;
  const follow = (/** @type {string} */ from) =>
    new RawConnection(world.base, from).send(
      `GET ${run.path}/stream HTTP/1.1\r\nHost: ${new URL(world.base).host}\r\nAuthorization: ${authorization}\r\n\r\n`,
    );
  const open = async (/** @type {string} */ from) => {
    const connection = follow(from);
    await connection.says(/event: state\n/);
    return connection;
  };
  const first = [await open("127.0.0.2"), await open("127.0.0.2"), await open("127.0.0.2")];
  const refused = await follow("127.0.0.2").says(/retry: 10000\n\n/);
  assert.match(refused, /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/event-stream\r\n/);
  assert.doesNotMatch(refused, /event: state/);
  const others = [await open("127.0.0.3"), await open("127.0.0.4")];
  await follow("127.0.0.5").says(/retry: 10000\n\n/); // there are five
  first[0].close();
  const again = await until("the place comes free", async () => {
    const connection = follow("127.0.0.2");
    const text = await connection.says(/retry: 10000\n\n|event: state\n/);
    if (!text.includes("retry: 10000")) return connection;
    connection.close();
    return undefined;
  });
  [...first, ...others, again].forEach((connection) => connection.close());
});
