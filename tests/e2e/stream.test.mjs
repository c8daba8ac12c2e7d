// One stream for everything that a page shows: any number of runs, threads and projects over one connection, resumed by one id.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { test } from "node:test";

import { Api, Stream } from "./harness/api.mjs";
import { RawConnection } from "./harness/raw.mjs";
import { until, withDeadline } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {{ id: string, token: string, path: string }} Run */

const future = "9999-12-31T23:59:59.999999Z";

/**
 * Runs that programs outside carry out, in a project of their own.
 * @param {World} world
 * @param {number} count
 */
async function makeRuns(world, count) {
  const project = await world.client.post("/api/projects", { name: "tidewater" });
  /** @type {Run[]} */
  const runs = [];
  for (let number = 0; number < count; ++number) {
    const { run, token } = await world.client.post("/api/agent-runs", {
      projectId: project.id,
      agentName: "nori",
    });
    runs.push({ id: run.id, token, path: `/api/agent-runs/${run.id}/messages` });
  }
  return { project, runs };
}

const streamOf = (/** @type {Run[]} */ runs) => `/api/stream?runs=${runs.map(({ id }) => id).join(",")}`;

/**
 * @param {World} world
 * @param {string} path
 * @param {string} [lastEventId]
 */
function follow(world, path, lastEventId) {
  const headers = { ...world.client.headers, ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
  return new Stream(world.base + path, headers);
}

const told = (/** @type {Stream} */ stream) =>
  stream.events.filter(({ data }) => data.event === "message").map(({ data }) => data.data);
const contents = (/** @type {any[]} */ messages) => messages.map(({ content }) => content);

/**
 * @param {Stream} stream
 * @param {number} topics
 */
async function replayed(stream, topics) {
  let states = 0;
  await stream.next("the replay is over", ({ data }) => data.event === "state" && ++states === topics);
}

/** A browser's way of following: it comes back with the last id until it is closed. */
class Follower {
  /** @type {any[]} */
  messages = [];
  connections = 0;
  #cursor = "";
  #closed = false;
  /** @type {Stream | undefined} */
  #stream;

  /**
   * @param {World} world
   * @param {string} path
   */
  constructor(world, path) {
    this.done = this.#follow(world, path);
  }

  /**
   * @param {World} world
   * @param {string} path
   */
  async #follow(world, path) {
    while (!this.#closed) {
      const stream = (this.#stream = follow(world, path, this.#cursor));
      let at = 0;
      const take = () => {
        for (; at < stream.events.length; ++at) {
          const { id, data } = stream.events[at];
          if (!id) continue;
          this.#cursor = id;
          this.messages.push(data.data);
        }
      };
      const reading = setInterval(take, 5);
      await stream.done.then(
        () => ++this.connections,
        () => {},
      );
      clearInterval(reading);
      take();
    }
  }

  async close() {
    this.#closed = true;
    this.#stream?.close();
    await this.done;
  }
}

test("fifty runs come over one connection, in one order, and each id resumes them all", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs } = await makeRuns(world, 50);
  const stream = follow(world, streamOf(runs));
  await replayed(stream, 50);
  await Promise.all(
    runs.map(async ({ path, token }, number) => {
      const program = new Api(world.base, token);
      for (const word of ["one", "two", "three"]) {
        await program.post(path, { content: `${number} ${word}`, sender: "agent" });
      }
    }),
  );
  await until("all have come", () => told(stream).length === 150);
  const ids = stream.events.filter(({ id }) => id).map(({ id }) => id);
  assert.deepEqual(ids, ids.toSorted(), "in the order in which they were stored");
  for (const [number, { id }] of runs.entries()) {
    const own = stream.events.filter(({ data }) => data.topic === `run:${id}` && data.event === "message");
    assert.deepEqual(
      own.map(({ data }) => data.data.content),
      ["one", "two", "three"].map((word) => `${number} ${word}`),
    );
  }
  const whole = contents(told(stream));
  for (const cut of [0, 1, 74, 148, 149]) {
    const again = follow(world, streamOf(runs), ids[cut]);
    await replayed(again, 50);
    assert.deepEqual(contents(told(again)), whole.slice(cut + 1));
    again.close();
  }
  stream.close();
});

test("nothing is lost or said twice when the server is killed among concurrent senders", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs } = await makeRuns(world, 4);
  const followers = [streamOf(runs), streamOf(runs.slice(0, 2)), streamOf(runs.slice(1))].map(
    (path) => new Follower(world, path),
  );
  const perRun = 120;
  let sent = 0;
  const sending = runs.map(async ({ path }, number) => {
    for (let at = 0; at < perRun; ++at) {
      const message = { id: randomUUID(), content: `${number}.${at}`, sender: "user" };
      // What became of it when the server dies nobody knows: it is sent again.
      await until("it is stored", () =>
        world.client.call("POST", path, message).then(
          ({ status }) => status === 200 || status === 201,
          () => false,
        ),
      );
      ++sent;
    }
  });
  for (const share of [0.2, 0.5, 0.8]) {
    await until("some were sent", () => sent >= share * perRun * runs.length, 60_000);
    await world.killServer();
    await world.startServer();
  }
  await Promise.all(sending);
  const stored = new Map();
  for (const { id, path } of runs) stored.set(id, contents(await world.client.get(`${path}?limit=1000`)));
  for (const [number, { id }] of runs.entries()) {
    const expected = Array.from({ length: perRun }, (_, at) => `${number}.${at}`);
    assert.deepEqual(stored.get(id), expected);
  }
  for (const [which, follower] of followers.entries()) {
    const own = [runs, runs.slice(0, 2), runs.slice(1)][which];
    await until("everything has come", () => follower.messages.length >= own.length * perRun);
    await follower.close();
    for (const { id } of own) {
      const got = follower.messages.filter(({ runId }) => runId === id);
      assert.deepEqual(contents(got), stored.get(id));
    }
    assert.equal(follower.messages.length, own.length * perRun, "and nothing else");
  }
});

test("a stream that is cut at any byte goes on without a gap or a double", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs } = await makeRuns(world, 2);
  const expected = [];
  for (let at = 0; at < 12; ++at) {
    const { content } = await world.client.post(runs[(at * at) % 2 ? 1 : 0].path, {
      content: `word ${at} 😀`,
      sender: "user",
    });
    expected.push(content);
  }
  const length = (await firstBytes(world, streamOf(runs), 100_000, 12)).length;
  for (let cut = 0; cut < length; cut += 61) {
    const events = (await firstBytes(world, streamOf(runs), cut)).toString().split("\n\n").slice(0, -1);
    const had = events.filter((event) => event.includes('"event":"message"'));
    const last = had.at(-1)?.match(/^id: (.*)$/m)?.[1];
    const rest = follow(world, streamOf(runs), last);
    await replayed(rest, 2);
    rest.close();
    const words = had.map((event) => JSON.parse(event.match(/^data: (.*)$/m)?.[1] ?? "").data);
    assert.deepEqual([...contents(words), ...contents(told(rest))], expected, `cut after ${cut} bytes`);
  }
});

/**
 * The first bytes of a stream's body, or as many as there are up to the end of so many messages.
 * @param {World} world
 * @param {string} path
 * @param {number} bytes
 * @param {number} [messages]
 */
async function firstBytes(world, path, bytes, messages = Infinity) {
  const abort = new AbortController();
  const response = await fetch(world.base + path, { headers: world.client.headers, signal: abort.signal });
  const chunks = /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (response.body));
  let body = Buffer.alloc(0);
  for await (const chunk of chunks) {
    body = Buffer.concat([body, chunk]);
    const whole = body.toString().split('"event":"message"').length > messages;
    if (body.length >= bytes || whole) break;
  }
  abort.abort();
  return body.subarray(0, bytes);
}

test("whatever is sent as the last id, nobody is taken to have what they have not", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs } = await makeRuns(world, 3);
  const [a, b, other] = runs;
  const say = (/** @type {Run} */ run, /** @type {string} */ content) =>
    world.client.post(run.path, { content, sender: "user" });
  await say(a, "1");
  const foreign = await say(other, "not theirs");
  await say(b, "2");
  const last = await say(a, "3");
  const everything = ["reset", "reset", "1", "2", "3"];
  /** @type {[string, string[]][]} */
  const table = [
    [last.timestamp, []],
    [foreign.timestamp, ["2", "3"]],
    ["1970-01-01T00:00:00.000000Z", ["1", "2", "3"]],
    [future, everything],
    ["0", everything],
    ["-1", everything],
    ["NaN", everything],
    ["18446744073709551616", everything],
    ["2026-13-45T99:99:99.999999Z", everything],
    [`${last.timestamp}0`, everything],
    [`${last.timestamp} `.repeat(2), everything],
    [last.timestamp.replace("Z", "+00:00"), everything],
    [last.id, everything],
    ["null", everything],
    ["../../etc/passwd", everything],
    ["' OR 1=1 --", everything],
    ["\u00ff\u00fe", everything],
    ["9".repeat(8000), everything],
  ];
  for (const [lastEventId, expected] of table) {
    const stream = follow(world, streamOf([a, b]), lastEventId);
    await replayed(stream, 2);
    const end = stream.events.findIndex(({ data }) => data.event === "state");
    const events = stream.events.slice(0, end).map(({ data }) => data.data.content ?? data.event);
    assert.deepEqual(events, expected, lastEventId.slice(0, 40));
    stream.close();

    // A run's own stream takes the same ids.
    const alone = follow(world, `${a.path}/stream`, lastEventId);
    const state = await alone.next("the replay is over", ({ event }) => event === "state");
    const before = alone.events.slice(0, alone.events.indexOf(state));
    const own = expected.filter((one, at) => one !== "2" && !(one === "reset" && at > 0));
    assert.deepEqual(
      before.map(({ event, data }) => data.content ?? event),
      own,
      lastEventId.slice(0, 40),
    );
    alone.close();
  }
  for (const [id, answer] of [
    ["a\0b", "400 "],
    ["a\nb", "400 "],
    ["9".repeat(17_000), "431 "],
  ]) {
    for (const path of [`${a.path}/stream`, streamOf([a, b])]) {
      const raw = new RawConnection(world.base);
      const { host } = new URL(world.base);
      const credentials = `Authorization: ${world.client.headers.authorization}`;
      raw.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${credentials}\r\nLast-Event-ID: ${id}\r\n\r\n`);
      assert.ok((await raw.rest()).startsWith(`HTTP/1.1 ${answer}`));
    }
  }
});

test("what a stream may follow is checked before it begins", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs, project } = await makeRuns(world, 2);
  const program = new Api(world.base, runs[0].token);
  const answer = async (/** @type {Api} */ caller, /** @type {string} */ query) => {
    const { status, body } = await caller.call("GET", `/api/stream${query}`);
    return `${status} ${body?.code}`;
  };
  const many = Array.from({ length: 201 }, (_, number) => `r${number}`).join(",");
  assert.equal(await answer(world.client, ""), "400 no_topics");
  assert.equal(await answer(world.client, "?runs=,"), "400 no_topics");
  assert.equal(await answer(world.client, `?runs=${many}`), "400 too_many_topics");
  assert.equal(await answer(world.client, "?runs=a/b"), "400 invalid_topic");
  assert.equal(await answer(world.client, `?runs=${runs[0].id}&tail=all`), "400 invalid_tail");
  assert.equal(await answer(world.client, `?runs=${runs[0].id}&runs=nobody`), "404 run_not_found");
  assert.equal(await answer(world.client, "?threads=nobody"), "404 thread_not_found");
  assert.equal(await answer(world.client, "?projects=nobody"), "404 project_not_found");
  assert.equal(await answer(program, `?runs=${runs[0].id},${runs[1].id}`), "403 wrong_run");
  assert.equal(await answer(program, `?runs=${runs[0].id}&projects=${project.id}`), "403 wrong_run");
  const own = new Stream(`${world.base}/api/stream?runs=${runs[0].id}`, program.headers);
  await replayed(own, 1);
  own.close();
});

test("a stream of runs ends with the last of them, and then there is nothing to come back for", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs, project } = await makeRuns(world, 2);
  const stream = follow(world, streamOf(runs));
  await replayed(stream, 2);
  for (const { id, token } of runs) {
    const program = new Api(world.base, token);
    await program.call("PATCH", `/api/agent-runs/${id}`, { status: "coding" });
    await program.call("PATCH", `/api/agent-runs/${id}`, { status: "completed" });
  }
  await withDeadline(stream.done, "the stream ends");
  const closed = stream.events.filter(({ data }) => data.event === "close").map(({ data }) => data);
  assert.deepEqual(
    closed,
    runs.map(({ id }) => ({ topic: `run:${id}`, event: "close", data: { status: "completed" } })),
  );
  const last = stream.events.findLast(({ id }) => id)?.id ?? "";
  const status = async (/** @type {string} */ path) => {
    const headers = { ...world.client.headers, "last-event-id": last };
    const response = await fetch(world.base + path, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status(streamOf(runs)), 204);
  assert.equal(await status(`${streamOf(runs)}&projects=${project.id}`), 200, "a project never ends");
});

test("a reader that takes nothing holds nobody up, and has everything in the end", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs } = await makeRuns(world, 3);
  const [a, b, quiet] = runs;
  const { hostname, port } = new URL(world.base);
  const slow = connect({ host: hostname, port: Number(port) });
  const path = streamOf([a, b]);
  const head = `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: ${world.client.headers.authorization}\r\n\r\n`;
  await new Promise((resolve) => slow.once("connect", resolve));
  slow.pause();
  slow.write(head);
  const others = follow(world, streamOf([a, quiet]));
  await replayed(others, 2);
  const large = "x".repeat(200_000);
  for (let at = 0; at < 90; ++at) {
    await world.client.post(at % 2 ? a.path : b.path, { content: `${at} ${large}`, sender: "user" });
  }
  await world.client.post(quiet.path, { content: "heard", sender: "user" });
  await others.next("the others hear of it", ({ data }) => data.data?.content === "heard");
  others.close();

  let text = "";
  slow.setEncoding("utf8");
  slow.on("data", (chunk) => (text += chunk));
  slow.resume();
  await until("the last one has come", () => text.includes('"content":"89 '));
  slow.destroy();
  const got = [...text.matchAll(/"content":"(\d+) x/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    got,
    Array.from({ length: 90 }, (_, at) => at),
  );
});

test("a project's stream says what its list of conversations needs to know", async (t) => {
  const world = await startWorld(t, { practice: true });
  const { runs, project } = await makeRuns(world, 1);
  const stream = follow(world, `/api/stream?projects=${project.id}`);
  const summary = (/** @type {any} */ run) => `${run.runId} ${run.status} ${run.waiting}`;
  const state = await stream.next("how things stand", ({ data }) => data.event === "state");
  assert.deepEqual(state.data.data.runs.map(summary), [`${runs[0].id} started 0`]);
  await world.client.post(runs[0].path, { content: "secret words", sender: "user" });
  const waiting = await stream.next("it waits", ({ data }) => data.event === "run-status");
  assert.equal(summary(waiting.data.data), `${runs[0].id} started 1`);
  const activity = await stream.next("something was said", ({ data }) => data.event === "activity");
  assert.equal(activity.data.data.sender, "user");
  await new Api(world.base, runs[0].token).get(`${runs[0].path}?sender=user`);
  await stream.next("it was received", ({ data }) => data.data?.waiting === 0, { after: waiting });
  const thread = await world.client.post("/api/agents/nori/threads", {
    projectId: project.id,
    title: "Tides",
  });
  const made = await stream.next("a thread was made", ({ data }) => data.event === "thread");
  assert.deepEqual([made.data.data.threadId, made.data.data.title], [thread.threadId, "Tides"]);
  assert.ok(!JSON.stringify(stream.events).includes("secret words"));
  stream.close();
});
