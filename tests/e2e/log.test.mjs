// The log of a project's runs: what programs report and what the server writes of its own sessions, read in pages, searched and
// told live.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, Stream } from "./harness/api.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {{ id: string, agentName: string, timestamp: string, level: string, source: string | null, message: string }} Line */

const texts = (/** @type {Line[]} */ lines) => lines.map(({ message }) => message);

/**
 * A run of a program outside, with its token.
 * @param {World} world
 * @param {string} projectId
 */
async function program(world, projectId, agentName = "toro") {
  const { run, token } = await world.client.post("/api/agent-runs", { projectId, agentName });
  const api = new Api(world.base, token);
  return {
    run,
    api,
    write: (/** @type {any} */ lines) => api.call("POST", `/api/agent-runs/${run.id}/log`, lines),
  };
}

/**
 * @param {World} world
 * @param {string} projectId
 */
const readerOf =
  (world, projectId) =>
  async (/** @type {Record<string, string>} */ query = {}) => {
    const { items, next } = await world.client.get(
      `/api/projects/${projectId}/logs?${new URLSearchParams(query)}`,
    );
    return { items: /** @type {Line[]} */ (items), next: /** @type {string | null} */ (next) };
  };

test("a program's lines are stored as they were written, read in pages and found again", async (t) => {
  const world = await startWorld(t);
  const { id: projectId } = await world.client.post("/api/projects", { name: "tidewater" });
  const toro = await program(world, projectId);
  const koji = await program(world, projectId, "koji");
  const read = readerOf(world, projectId);
  const whole = {
    message: "寿司\n  second line",
    timestamp: "2026-01-31T09:05:07.000123Z",
    level: "warn",
    source: "pytest",
  };
  assert.deepEqual((await toro.write([whole, { message: "3 passed" }])).body, { accepted: 2 });
  const sent = await fetch(`${world.base}/api/agent-runs/${koji.run.id}/log`, {
    method: "POST",
    headers: { ...koji.api.headers, "content-type": "text/plain" },
    body: Buffer.concat([Buffer.from("first\r\n\nnot "), Buffer.from([0xff]), Buffer.from(" UTF-8\n")]),
  });
  assert.deepEqual([sent.status, await sent.json()], [202, { accepted: 2 }]);

  const { items, next } = await read();
  assert.equal(next, null);
  assert.deepEqual(texts(items), [whole.message, "3 passed", "first", "not \uFFFD UTF-8"]);
  const { id, ...first } = items[0];
  assert.deepEqual(first, { ...whole, agentName: "toro", runId: toro.run.id });
  assert.deepEqual([items[1].level, items[1].source], ["info", null]);

  const newest = await read({ limit: "3" });
  assert.deepEqual(texts(newest.items), ["3 passed", "first", "not \uFFFD UTF-8"]);
  assert.deepEqual(texts((await read({ limit: "3", cursor: newest.next ?? "" })).items), [whole.message]);
  const after = await read({ since: id, limit: "2" });
  assert.deepEqual(texts(after.items), ["3 passed", "first"]);
  assert.deepEqual(texts((await read({ since: id, cursor: after.next ?? "" })).items), ["not \uFFFD UTF-8"]);
  assert.deepEqual(texts((await read({ agents: "koji,nori" })).items), ["first", "not \uFFFD UTF-8"]);
  assert.deepEqual(texts((await read({ level: "warn" })).items), [whole.message]);
  assert.deepEqual(texts((await read({ q: "PASS" })).items), ["3 passed"]);
});

test("a log takes lines of its own run only, and says what is wrong with others", async (t) => {
  const world = await startWorld(t);
  const { id: projectId } = await world.client.post("/api/projects", { name: "tidewater" });
  const { run, api, write } = await program(world, projectId);
  const other = await program(world, projectId);
  const refused = async (/** @type {any} */ lines) => {
    const { status, body } = await write(lines);
    return [status, body.code, body.field];
  };
  assert.deepEqual(await refused({ message: "one" }), [400, "invalid_body", "body"]);
  assert.deepEqual(await refused([{ text: "one" }]), [400, "required", "message"]);
  assert.deepEqual(await refused([{ message: 1 }]), [400, "invalid_type", "message"]);
  assert.deepEqual(await refused([{ message: "a", level: "loud" }]), [400, "invalid_level", "level"]);
  assert.deepEqual(await refused([{ message: "a", timestamp: "noon" }]), [
    400,
    "invalid_timestamp",
    "timestamp",
  ]);
  assert.deepEqual(await refused(Array(1001).fill({ message: "a" })), [400, "too_many", "body"]);
  const foreign = await api.call("POST", `/api/agent-runs/${other.run.id}/log`, [{ message: "a" }]);
  assert.deepEqual([foreign.status, foreign.body.code], [403, "wrong_run"]);
  const reading = await api.call("GET", `/api/projects/${projectId}/logs`);
  assert.equal(reading.status, 403);
  const cursor = await world.client.call("GET", `/api/projects/${projectId}/logs?since=yesterday`);
  assert.deepEqual([cursor.status, cursor.body.code], [400, "invalid_cursor"]);

  const long = "x".repeat(20_000);
  assert.equal((await write([{ message: long }])).status, 202);
  await api.call("PATCH", `/api/agent-runs/${run.id}`, { status: "completed" });
  const late = await write([{ message: "late" }]);
  assert.deepEqual([late.status, late.body.code], [409, "run_not_active"]);
  const { items } = await readerOf(world, projectId)();
  assert.deepEqual(texts(items), [long.slice(0, 16 * 1024), "Completed"]);
});

test("a session's log tells what its agent did, live and once, also when the server is killed in between", async (t) => {
  const world = await startWorld(t);
  const { id: projectId } = await world.project("greeter");
  const stream = new Stream(`${world.base}/api/stream?projects=${projectId}`, world.client.headers);
  await stream.next("it is connected", ({ data }) => data.event === "state");
  const told = () =>
    stream.events.flatMap(({ data }) =>
      data.event === "log" ? /** @type {Line[]} */ (data.data.lines) : [],
    );
  const prompt = '!reply I look.\n!tool Bash {"command":"echo salmon; exit 3"}\n!hold gate\n!reply done';
  const session = await Session.start(world, projectId, prompt);
  await world.model.heldAt("gate");
  await stream.next("the tool's end", () =>
    told().some(({ message }) => message.startsWith("Ran echo salmon")),
  );
  const read = readerOf(world, projectId);
  const before = (await read({ level: "info" })).items;
  assert.deepEqual(
    told().filter(({ level }) => level !== "debug"),
    before,
    "what is told is what is stored",
  );
  assert.ok(before.every(({ agentName }) => agentName === "nori"));
  const lines = before.map(({ level, message }) => `${level} ${message}`);
  assert.ok(lines.includes("info Started coding"), lines.join("\n"));
  assert.ok(lines.includes("info “I look.”"), lines.join("\n"));
  assert.ok(lines.includes("info Running echo salmon; exit 3"), lines.join("\n"));
  const failure = before.find(({ message }) => message.startsWith("Ran echo salmon; exit 3: exit 3 after"));
  assert.equal(failure?.level, "error");
  assert.match(failure?.message ?? "", /salmon/);
  assert.ok(
    (await read({ level: "debug", q: "tokens in" })).items.length > 0,
    "calls of the model are counted",
  );
  stream.close();

  await world.killServer();
  await world.model.release("gate");
  await world.startServer();
  session.follow();
  await session.idle(await session.answer("done"));
  const after = (await read({ level: "info" })).items;
  assert.deepEqual(after.slice(0, before.length), before);
  assert.deepEqual(texts(after.slice(before.length)), ["“done”"]);
  const own = await world.client.call("POST", `/api/agent-runs/${session.runId}/log`, [{ message: "mine" }]);
  assert.deepEqual([own.status, own.body.code], [409, "managed_run"]);
  await session.end();
});
