// The HTTP contract: what /openapi.json says is what the running server does, and a run that a program outside carries out
// goes from its first message to its end as described.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, Stream } from "./harness/api.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {{ document: any, method: string, path: string, operation: any }} Described */

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const future = "9999-12-31T23:59:59.999999Z";

/**
 * What the running server says of itself.
 * @param {World} world
 */
async function description(world) {
  const response = await fetch(`${world.base}/openapi.json`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  return /** @type {any} */ (await response.json());
}

/**
 * @param {any} document
 * @returns {Described[]}
 */
function operations(document) {
  const methods = ["get", "post", "put", "patch", "delete"];
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(/** @type {any} */ (item))
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => ({ document, method: method.toUpperCase(), path, operation })),
  );
}

/**
 * An address of a path: what stands in its braces is put in.
 * @param {string} path
 * @param {Record<string, string>} [values]
 */
const address = (path, values = {}) =>
  path.replaceAll(/\{(\w+)\}/g, (_, /** @type {string} */ name) => values[name] ?? "unknown");

/** @param {string} path */
const pattern = (path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);

const checked = new Set(
  "type enum const pattern format required properties items allOf minLength minimum maxItems".split(" "),
);
const silent = new Set(["description", "default", "examples"]);

/**
 * What is wrong with a value, by the part of JSON Schema that the description uses; a word that is not known fails, so that
 * nothing passes unread.
 * @param {any} document
 * @param {any} schema
 * @param {any} value
 * @returns {string[]}
 */
function faults(document, schema, value, at = "value") {
  if (schema.$ref) {
    const target = schema.$ref
      .slice(2)
      .split("/")
      .reduce((/** @type {any} */ found, /** @type {string} */ part) => found[part], document);
    return faults(document, target, value, at);
  }
  if (schema.oneOf) {
    const each = schema.oneOf.map((/** @type {any} */ one) => faults(document, one, value, at));
    return each.some((/** @type {string[]} */ found) => found.length === 0) ? [] : each.flat();
  }
  for (const word of Object.keys(schema)) {
    if (!checked.has(word) && !silent.has(word)) throw new Error(`the test does not know "${word}" (${at})`);
  }
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const types = [schema.type ?? []].flat();
  const is = (/** @type {string} */ type) =>
    type === kind || (kind === "number" && type === "integer" && Number.isInteger(value));
  if (types.length && !types.some(is)) return [`${at} is ${kind}, not ${types.join(" or ")}`];
  const found = (schema.allOf ?? []).flatMap((/** @type {any} */ one) => faults(document, one, value, at));
  if (schema.enum && !schema.enum.includes(value)) found.push(`${at} is ${JSON.stringify(value)}`);
  if ("const" in schema && schema.const !== value) found.push(`${at} is ${JSON.stringify(value)}`);
  if (kind === "string") {
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) found.push(`${at} is "${value}"`);
    if (schema.format === "date-time" && !timestamp.test(value)) found.push(`${at} is no time: "${value}"`);
    if (value.length < (schema.minLength ?? 0)) found.push(`${at} is too short`);
  }
  if (kind === "array") {
    if (value.length > (schema.maxItems ?? Infinity)) found.push(`${at} has ${value.length} items`);
    for (const [index, item] of value.entries()) {
      found.push(...faults(document, schema.items ?? {}, item, `${at}[${index}]`));
    }
  }
  if (kind === "object") {
    for (const name of schema.required ?? []) if (!(name in value)) found.push(`${at} lacks ${name}`);
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (name in value) found.push(...faults(document, inner, value[name], `${at}.${name}`));
    }
  }
  return found;
}

/**
 * Fails when an answer is not as an operation's description has it.
 * @param {Described} described
 * @param {{ status: number, body: any, headers: Headers }} answer
 */
function assertAsDescribed({ document, method, path, operation }, { status, body, headers }) {
  const response = operation.responses[status];
  assert.ok(response, `${method} ${path} may answer ${status}: ${JSON.stringify(body)}`);
  const [type] = (headers.get("content-type") ?? "").split(";");
  if (response.content)
    assert.ok(response.content[type], `${method} ${path} may answer ${status} with ${type}`);
  const schema = response.content?.[type]?.schema;
  assert.deepEqual(schema ? faults(document, schema, body) : [], [], `${method} ${path}`);
}

/**
 * A run that a program outside carries out, that program, and two people who watch.
 * @param {World} world
 */
async function externalRun(world) {
  const project = await world.client.post("/api/projects", { name: "tidewater" });
  const { run, token } = await world.client.post("/api/agent-runs", {
    projectId: project.id,
    agentName: "nori",
  });
  const path = `/api/agent-runs/${run.id}/messages`;
  return {
    run,
    path,
    program: new Api(world.base, token),
    say: (/** @type {string} */ content) => world.client.post(path, { content, sender: "user" }),
  };
}

/**
 * A stream with a header or query of the test's own.
 * @param {World} world
 * @param {string} path
 * @param {{ query?: string, lastEventId?: string }} cursor
 */
function follow(world, path, { query = "", lastEventId }) {
  const headers = { ...world.client.headers, ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
  return new Stream(`${world.base}${path}/stream${query}`, headers);
}

const isState = (/** @type {{ event: string }} */ one) => one.event === "state";
const contents = (/** @type {any[]} */ messages) => messages.map((one) => one.content);

test("a caller without credentials gets in nowhere but through the doors that are described as open", async (t) => {
  const world = await startWorld(t);
  const all = operations(await description(world));
  assert.ok(all.length > 30, `${all.length} operations`);
  for (const { method, path, operation } of all) {
    const response = await fetch(world.base + address(path), { method });
    await response.body?.cancel();
    const open = operation.security.length === 0;
    assert.equal(response.status === 401, !open, `${method} ${path}: ${response.status}`);
    if (!open) assert.equal(response.headers.get("www-authenticate"), "Bearer");
  }
});

test("another method is refused with those that the address takes", async (t) => {
  const world = await startWorld(t);
  const document = await description(world);
  const all = operations(document);
  for (const path of Object.keys(document.paths)) {
    // A word such as "stream" can be an id as well.
    const matching = all.filter((one) => pattern(one.path).test(address(path)));
    const described = [...new Set(matching.map(({ method }) => method))];
    const other = ["PUT", "POST"].find((method) => !described.includes(method)) ?? "";
    const { status, body, headers } = await world.client.call(other, address(path));
    assert.equal(status, 405, path);
    assert.equal(body.code, "method_not_allowed");
    assert.deepEqual(headers.get("allow")?.split(", ").sort(), described.sort(), path);
  }
});

test("every answer that can be read has the described shape", async (t) => {
  const world = await startWorld(t);
  const document = await description(world);
  const project = await world.project("greeter");
  await world.client.call("PUT", `/api/projects/${project.id}/variables/DATABASE_URL`, { value: "none" });
  const { id: userId } = await world.client.post("/api/users", { name: "Ana", role: "developer" });
  await world.client.post(`/api/projects/${project.id}/members`, { userId });
  await world.client.post("/api/tokens", { name: "Nightly build" });
  const { id: attachmentId } = await world.client.upload(project.id, "notes.txt", "Mind the tests.");
  const memory = { projectId: project.id, content: "The tests are in test.sh." };
  await world.client.post("/api/agents/nori/memories", memory);
  const prompt = '!reply Looking.\n!tool Bash {"command":"touch one"}\n!reply done';
  const session = await Session.start(world, project.id, prompt, { permissionMode: "ask" });
  const pending = `/api/agent-runs/${session.runId}/permissions`;
  const asked = await session.stream.next("the agent asks", (one) => one.event === "permission-request");
  const listed = await world.client.call("GET", pending);
  await world.client.post(`${pending}/${asked.data.requestId}`, { behavior: "allow", scope: "command" });
  const { data: first } = await session.stream.next("an event", (one) => one.event === "message");
  await session.stream.message("a tool was used", (one) => one.toolUses?.length > 0);
  const answered = await session.answer("done");
  await session.idle(answered);
  const more = { content: "!reply read", attachments: [attachmentId] };
  await world.client.post(`/api/threads/${session.threadId}/messages`, more);
  await session.idle(await session.answer("read"));

  const values = {
    attachmentId,
    projectId: project.id,
    runId: session.runId,
    threadId: session.threadId,
    agentName: "nori",
    featureId: "none",
  };
  const query = `?projectId=${project.id}&threadId=${session.threadId}`;
  const all = operations(document);
  assertAsDescribed(
    /** @type {Described} */ (all.find((one) => one.operation.operationId === "listPermissions")),
    listed,
  );
  assert.equal(listed.body.items.length, 1);
  const readable = all.filter(({ method }) => method === "GET");
  const stream = readable.find(({ operation }) => operation.operationId === "streamRunMessages");
  for (const described of readable) {
    if (described.operation["x-events"]) continue;
    const path = address(described.path, values);
    const asked = path.startsWith("/api/agents/") ? query : path.endsWith("/search") ? "?q=looking" : "";
    const answer = await world.client.call("GET", path + asked);
    assert.equal(answer.status, 200, path);
    assertAsDescribed(described, answer);
    const nothing = path === pending; // it was answered
    if (answer.body.items) assert.equal(answer.body.items.length === 0, nothing, `${path} lists something`);
  }
  assert.equal(first.content, prompt);

  const events = stream?.operation["x-events"];
  for (const { event, data } of session.stream.events) {
    assert.ok(events[event], `"${event}" is described`);
    assert.deepEqual(faults(document, events[event].data, data), [], event);
  }
  await session.end();
});

test("every event of a stream of several topics has the described shape", async (t) => {
  const world = await startWorld(t);
  const document = await description(world);
  const described = (/** @type {string} */ id) =>
    /** @type {Described} */ (operations(document).find((one) => one.operation.operationId === id)).operation;
  const ofRun = described("streamRunMessages")["x-events"];
  const { "x-events": told, "x-project-events": ofProject } = described("streamTopics");
  const { id: projectId } = await world.project("greeter");
  const stream = new Stream(`${world.base}/api/stream?projects=${projectId}`, world.client.headers);
  const event = (/** @type {string} */ name) => (/** @type {any} */ one) => one.data.event === name;
  await stream.next("it is connected", event("state"));
  const session = await Session.start(world, projectId, '!tool Bash {"command":"touch one"}\n!reply done');
  const answered = await session.answer("done");
  await session.idle(answered);
  const read = { threadId: session.threadId, timestamp: answered.data.timestamp };
  assert.equal((await world.client.call("POST", "/api/unread", read)).status, 204);
  const whole = new Stream(`${world.base}/api/stream?threads=${session.threadId}`, world.client.headers);
  await whole.next("it is connected", event("state"));
  await session.end();
  await whole.next("the run has ended", event("close"));
  await stream.next("the run has ended", ({ data }) => data.data?.status === "completed");
  await world.client.delete(`/api/threads/${session.threadId}`);
  await stream.next("the thread is gone", event("thread-deleted"));
  for (const one of [...stream.events, ...whole.events]) {
    assert.deepEqual(faults(document, told[one.event].data, one.data), []);
    if (one.event === "ping") continue;
    const { topic, event: name, data } = one.data;
    const events = topic.startsWith("project:") ? ofProject : ofRun;
    assert.ok(events[name], `"${name}" of ${topic} is described`);
    assert.deepEqual(faults(document, events[name].data, data), [], `${topic} ${name}`);
    assert.equal(one.id !== "", name === "message", "stored messages alone have an id");
  }
  const names = new Set(stream.events.map(({ data }) => data.event));
  assert.deepEqual([...names].filter(Boolean).sort(), Object.keys(ofProject).sort());
  whole.close();
  stream.close();
});

test("a run from outside: both watchers see what a person and its program say, in one order", async (t) => {
  const world = await startWorld(t);
  const { run, path, program, say } = await externalRun(world);
  assert.equal(run.status, "started");
  const watchers = [world.client.follow(run.id), world.client.follow(run.id)];
  await Promise.all(watchers.map((one) => one.next("it is connected", isState)));

  await say("Are the tides right?");
  await program.post(path, { content: "They were an hour late.", sender: "agent" });
  await program.post(path, { content: "the harbour is closed", sender: "agent", type: "error" });
  for (const watcher of watchers) {
    await watcher.message("the last one", (one) => one.type === "error");
    assert.deepEqual(contents(watcher.messages), [
      "Are the tides right?",
      "They were an hour late.",
      "the harbour is closed",
    ]);
    assert.deepEqual(
      watcher.messages.map((one) => [one.sender, one.role]),
      [
        ["user", null],
        ["agent", "coder"],
        ["agent", "coder"],
      ],
    );
  }
  assert.deepEqual(watchers[0].messages, watchers[1].messages);
  assert.deepEqual(await world.client.get(path), watchers[0].messages);
});

test("a message that is sent again is stored once", async (t) => {
  const world = await startWorld(t);
  const { path } = await externalRun(world);
  const other = await externalRun(world);
  const message = { content: "once", sender: "user", id: "the-same" };
  const first = await world.client.call("POST", path, message);
  const again = await world.client.call("POST", path, message);
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(again.body, first.body);
  const changed = await world.client.call("POST", path, { ...message, content: "twice" });
  const elsewhere = await world.client.call("POST", other.path, message);
  for (const { status, body } of [changed, elsewhere]) {
    assert.deepEqual([status, body.code], [409, "id_conflict"]);
  }
  assert.equal((await world.client.get(path)).length, 1);
});

test("a long history is read page by page, from either end", async (t) => {
  const world = await startWorld(t);
  const { path, say } = await externalRun(world);
  for (const content of "abcde") await say(content);
  const pages = async (/** @type {string} */ query) => {
    const found = [];
    for (let next = `${path}?${query}`; next;) {
      const { body, headers } = await world.client.call("GET", next);
      found.push(contents(body).join(""));
      next = headers.get("link")?.match(/^<([^>]+)>; rel="next"$/)?.[1] ?? "";
    }
    return found;
  };
  assert.deepEqual(await pages("limit=2"), ["ab", "cd", "e"]);
  assert.deepEqual(await pages(`limit=2&before=${future}`), ["de", "bc", "a"]);
  assert.deepEqual(await pages("limit=5&sender=user"), ["abcde"]);
  const [first] = await world.client.get(`${path}?limit=1`);
  assert.deepEqual(await pages(`limit=2&since=${first.timestamp}&before=${future}`), ["de", "bc"]);
  assert.deepEqual(await pages("sender=agent"), [""]);
});

test("a stream goes on exactly where it broke off, and says when it cannot", async (t) => {
  const world = await startWorld(t);
  const { path, say } = await externalRun(world);
  for (const content of ["one", "two", "three", "four"]) await say(content);
  const replayed = async (/** @type {{ query?: string, lastEventId?: string }} */ cursor) => {
    const stream = follow(world, path, cursor);
    await stream.next("the replay is over", isState);
    stream.close();
    const replay = stream.events.slice(0, stream.events.findIndex(isState));
    return replay.map((one) => one.data.content ?? one.event);
  };
  const [, two, , four] = await world.client.get(path);
  assert.deepEqual(await replayed({}), ["one", "two", "three", "four"]);
  assert.deepEqual(await replayed({ lastEventId: two.timestamp }), ["three", "four"]);
  assert.deepEqual(await replayed({ query: `?since=${two.timestamp}` }), ["three", "four"]);
  const both = { query: `?since=${two.timestamp}`, lastEventId: four.timestamp };
  assert.deepEqual(await replayed(both), [], "the header wins");
  assert.deepEqual(await replayed({ query: "?tail=1" }), ["four"]);
  for (const lastEventId of [future, "no time"]) {
    assert.deepEqual(await replayed({ lastEventId }), ["reset", "one", "two", "three", "four"]);
  }
});

test("a program's reports are told in the conversation, and its end ends the streams", async (t) => {
  const world = await startWorld(t);
  const { run, path, program } = await externalRun(world);
  const watcher = world.client.follow(run.id);
  await watcher.next("it is connected", isState);
  const report = (/** @type {object} */ body) => program.call("PATCH", `/api/agent-runs/${run.id}`, body);

  assert.equal((await report({ status: "coding" })).body.status, "coding");
  assert.equal((await report({ status: "coding" })).status, 200);
  const failed = await report({ status: "failed", errorMessage: "The quay has no water." });
  assert.deepEqual([failed.status, failed.body.status], [200, "failed"]);
  const { data } = await watcher.next("it closes", (one) => one.event === "close");
  assert.deepEqual(data, { status: "failed" });
  await watcher.done;
  assert.deepEqual(
    watcher.messages.map((one) => [one.type, one.content]),
    [
      ["status", "Started coding"],
      ["error", "The quay has no water."],
    ],
  );

  const last = watcher.events.findLast((one) => one.id)?.id ?? "";
  const headers = { ...world.client.headers, "last-event-id": last };
  assert.equal((await fetch(`${world.base}${path}/stream`, { headers })).status, 204);
  const late = await program.call("POST", path, { content: "and one more", sender: "agent" });
  assert.deepEqual([late.status, late.body.code], [409, "run_not_active"]);
  const back = await report({ status: "coding" });
  assert.deepEqual([back.status, back.body.code], [409, "run_not_active"]);
});

test("a run's token is good for its own run, as its agent, and for nothing else", async (t) => {
  const world = await startWorld(t);
  const { path, program } = await externalRun(world);
  const other = await externalRun(world);
  const refused = async (
    /** @type {string} */ method,
    /** @type {string} */ to,
    /** @type {object} */ body,
  ) => {
    const answer = await program.call(method, to, body);
    return `${answer.status} ${answer.body.code}`;
  };
  const message = { content: "hello", sender: "agent" };
  assert.equal(await refused("POST", other.path, message), "403 wrong_run");
  assert.equal(
    await refused("PATCH", other.path.replace("/messages", ""), { status: "failed" }),
    "403 wrong_run",
  );
  assert.equal((await program.call("GET", other.path)).status, 403);
  assert.equal((await program.call("GET", `${other.path}/stream`)).status, 403);
  assert.equal(await refused("POST", path, { ...message, sender: "user" }), "403 not_allowed");
  assert.equal(await refused("POST", "/api/projects", { name: "mine" }), "403 not_allowed");
  assert.equal((await program.call("POST", path, message)).status, 201);
  assert.deepEqual(await world.client.get(other.path), []);
});

test("a program that polls thereby receives what a person wrote", async (t) => {
  const world = await startWorld(t);
  const { run, path, program, say } = await externalRun(world);
  const watcher = world.client.follow(run.id);
  const { id } = await say("Please hurry.");
  const state = await watcher.next("it is connected", isState);
  const stored = await world.client.get(path);
  assert.equal(stored[0].deliveredAt, undefined, "a person's reading is no receipt");

  const [polled] = await program.get(`${path}?sender=user`);
  assert.equal(polled.id, id);
  assert.match(polled.deliveredAt, timestamp);
  const updated = await watcher.next("the receipt", (one) => one.event === "message-updated", {
    after: state,
  });
  assert.deepEqual(updated.data, polled);
  assert.deepEqual(await program.get(`${path}?sender=user&since=${polled.timestamp}`), []);

  const again = world.client.follow(run.id);
  const { data } = await again.next("the state", isState);
  assert.deepEqual(data.undelivered, []);

  for (const content of ["one", "two", "three"]) await say(content);
  const page = await program.get(`${path}?sender=user&since=${polled.timestamp}&limit=1`);
  assert.deepEqual(contents(page), ["one"]);
  const receipts = (await world.client.get(path)).filter((/** @type {any} */ one) => one.deliveredAt);
  assert.deepEqual(contents(receipts), ["Please hurry.", "one"], "what was not on the page was not received");
});
