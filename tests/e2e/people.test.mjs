// Who may do what, and who may know of what: every operation that the server describes is tried by those who may not.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Api, Stream } from "./harness/api.mjs";
import { invite, signIn } from "./harness/people.mjs";
import { Session } from "./harness/session.mjs";
import { until, withDeadline } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {{ id: string, method: string, path: string, access: string, body: any }} Operation */

/**
 * A body that has what a schema requires.
 * @param {any} document
 * @param {any} schema
 * @param {Record<string, unknown>} values
 * @returns {any}
 */
function sample(document, schema, values, name = "") {
  if (name in values) return values[name];
  if (schema?.$ref)
    return sample(document, document.components.schemas[schema.$ref.split("/").at(-1)], values);
  if (schema?.enum) return schema.enum[0];
  if (schema?.type === "object") {
    const names = /** @type {string[]} */ (schema.required ?? []);
    return Object.fromEntries(
      names.map((one) => [one, sample(document, schema.properties[one], values, one)]),
    );
  }
  if (schema?.format === "date-time") return "2026-01-31T09:05:07.000123Z";
  return schema?.type === "boolean" ? true : "something";
}

/**
 * Every operation of the running server's own description.
 * @param {World} world
 * @param {Record<string, unknown>} values
 * @returns {Promise<Operation[]>}
 */
async function operations(world, values) {
  const document = /** @type {any} */ (await (await fetch(`${world.base}/openapi.json`)).json());
  const methods = ["get", "post", "put", "patch", "delete"];
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(/** @type {any} */ (item))
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => {
        const schema = operation.requestBody?.content["application/json"]?.schema;
        return {
          id: operation.operationId,
          method: method.toUpperCase(),
          path,
          access: operation["x-access"],
          body: schema && sample(document, schema, values),
        };
      }),
  );
}

/**
 * The answer's status and body; of a stream only its status.
 * @param {Api} api
 * @param {Operation} operation
 * @param {Record<string, any>} values
 */
async function attempt(api, { method, path, body }, values) {
  const { projectId, threadId, memoryId, runId } = values;
  const address = path.replaceAll(/\{(\w+)\}/g, (_, /** @type {string} */ name) => values[name] ?? "unknown");
  const query = path.includes("/stream")
    ? `?projects=${projectId}&threads=${threadId}&runs=${runId}`
    : `?projectId=${projectId}&threadId=${threadId}&id=${memoryId}&q=pantry`;
  const withQuery = method === "GET" || path.endsWith("/memories") ? address + query : address;
  const aborted = new AbortController();
  const response = await fetch(api.base + withQuery, {
    method,
    headers: { ...api.headers, ...(body ? { "content-type": "application/json" } : {}) },
    signal: aborted.signal,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const stream = response.headers.get("content-type") === "text/event-stream";
  const text = stream ? "" : await response.text();
  aborted.abort();
  const problem = response.headers.get("content-type") === "application/problem+json" ? JSON.parse(text) : {};
  return { status: response.status, text, code: problem.code, detail: problem.detail };
}

/**
 * A project with one of everything, and the ids by which it can be named.
 * @param {World} world
 */
async function startKitchen(world) {
  const project = await world.project("pantry-kitchen");
  const memory = { projectId: project.id, content: "The knives are in the third drawer." };
  const { id: memoryId } = await world.client.post("/api/agents/nori/memories", memory);
  await world.client.call("PUT", `/api/projects/${project.id}/variables/OVEN`, { value: "hot" });
  const session = await Session.start(world, project.id, "!reply The pantry soup is ready.");
  await session.idle(await session.answer("The pantry soup"));
  const outside = { projectId: project.id, agentName: "koji", featureId: "pantry-feature" };
  const { run, token } = await world.client.post("/api/agent-runs", outside);
  await world.client.post(`/api/agent-runs/${run.id}/messages`, { content: "pantry salt", sender: "user" });
  const { id: attachmentId } = await world.client.upload(project.id, "list.txt", "pantry flour");
  const bought = { content: "!reply Bought.", attachments: [attachmentId] };
  await world.client.post(`/api/threads/${session.threadId}/messages`, bought);
  await session.idle(await session.answer("Bought."));
  const values = {
    projectId: project.id,
    threadId: session.threadId,
    runId: session.runId,
    agentName: "nori",
    featureId: "pantry-feature",
    memoryId,
    attachmentId,
    name: "OVEN",
  };
  return { project, session, values, run, program: new Api(world.base, token) };
}

/** What is of the kitchen, in any answer. */
const secrets = (/** @type {Record<string, any>} */ values) =>
  new RegExp(`pantry|${values.projectId}|${values.threadId}|${values.runId}|${values.memoryId}|third drawer`);

/** Operations whose address names nothing of a project, and what they answer somebody who may know of none. */
const unscoped = /** @type {Record<string, number>} */ ({
  getHealth: 200,
  getReadiness: 200,
  getOpenapi: 200,
  logIn: 401,
  getMe: 200,
  createLoginCode: 201,
  listTokens: 200,
  getPush: 200,
  addPushSubscription: 400, // no push service has this address
  deletePushSubscription: 404,
  addToken: 201,
  revokeToken: 404,
  listUsers: 200,
  listProjects: 200,
  createProject: 400, // it names nothing
  listAgents: 200,
  getPersonality: 200,
  listAgentThreads: 200,
  listWorkSessions: 200,
  listFeatureMessages: 200,
  readAttachment: 404,
  // These name a project, a thread or a memory in their query or body.
  listMemories: 404,
  listAgentRuns: 404,
  getAgentStats: 404,
  addMemory: 404,
  deleteMemory: 404,
  deleteMemoryByQuery: 404,
  createThread: 404,
  createRun: 404,
  startWorkSession: 404,
  getActiveWorkSession: 404,
  listUnread: 404,
  markRead: 404,
  streamTopics: 404,
});
const scoped = /\{(projectId|threadId|runId)\}/;
// It ends what the test calls with.
const others = (/** @type {Operation[]} */ all) => all.filter(({ id }) => id !== "logOut");

test("what is in a project is not there for a developer who is no member of it", async (t) => {
  const world = await startWorld(t);
  const { values, session } = await startKitchen(world);
  const outsider = await invite(world, "Otto", "developer");
  const secret = secrets(values);
  for (const operation of others(await operations(world, values))) {
    const { id, path, access } = operation;
    const answer = await attempt(outsider.api, operation, values);
    const administrators = access.startsWith("administrator");
    const expected = administrators ? 403 : scoped.test(path) ? 404 : unscoped[id];
    assert.equal(answer.status, expected, `${id}: ${answer.text}`);
    const described = id === "getOpenapi";
    assert.ok(described || !secret.test(answer.text), `${id} tells of it: ${answer.text.match(secret)?.[0]}`);
    if (administrators || !scoped.test(path)) continue;
    const nowhere = Object.fromEntries(Object.keys(values).map((name) => [name, "nowhere"]));
    const unknown = await attempt(outsider.api, operation, { ...nowhere, agentName: "nori" });
    assert.deepEqual(answer, unknown, `${id} tells what it is from what is not there`);
  }
  assert.deepEqual((await outsider.api.get("/api/agents/nori/runs")).items, []);
  assert.equal((await outsider.api.get("/api/agents/nori/stats")).runs, 0);
  assert.deepEqual((await outsider.api.get("/api/unread")).items, []);
  const many = await outsider.api.call("GET", `/api/stream?projects=${values.projectId}`);
  assert.deepEqual([many.status, many.body.code], [404, "project_not_found"]);
  await session.end();
});

test("a viewer reads what a member may read, and changes nothing", async (t) => {
  const world = await startWorld(t);
  const { values, session } = await startKitchen(world);
  const viewer = await invite(world, "Vera", "viewer", [values.projectId]);
  const all = await operations(world, values);
  const own = new Set(
    "logOut createLoginCode listTokens addToken revokeToken markRead getPush addPushSubscription deletePushSubscription".split(
      " ",
    ),
  );
  for (const operation of others(all)) {
    const { id, method, access } = operation;
    const readable = access === "public" || access.startsWith("viewer");
    assert.equal(access === "person", own.has(id), `${id} is for ${access}`);
    if (readable) assert.ok(method === "GET" || id === "logIn", `${id} changes something`);
    if (access === "public" || access === "person") continue;
    const { status, text } = await attempt(viewer.api, operation, values);
    assert.equal(status, readable ? 200 : 403, `${id}: ${text}`);
  }
  const { status } = await viewer.api.call("POST", "/api/unread", {
    threadId: values.threadId,
    timestamp: "2026-01-31T09:05:07.000123Z",
  });
  assert.equal(status, 204, "what they have read is their own");
  await session.end();
});

test("a run's token reaches nothing but what is described for it", async (t) => {
  const world = await startWorld(t);
  const { values, program, session } = await startKitchen(world);
  for (const operation of await operations(world, values)) {
    if (operation.access === "public" || operation.id === "getMe") continue;
    const { status, code } = await attempt(program, operation, values);
    const expected = operation.access.endsWith("-or-run") ? "403 wrong_run" : "403 not_allowed";
    assert.equal(`${status} ${code}`, expected, operation.id);
  }
  await session.end();
});

test("a member who develops works in the project, and sets nothing that an administrator vouches for", async (t) => {
  const world = await startWorld(t);
  const { project, values, session, run } = await startKitchen(world);
  const ana = (await invite(world, "Ana", "developer", [project.id])).api;
  const one = `/api/projects/${project.id}`;
  await ana.post("/api/agents/nori/threads", { projectId: project.id });
  await ana.post(`/api/threads/${values.threadId}/messages`, { content: "!reply Served." });
  await session.answer("Served.");
  await ana.post(`/api/agent-runs/${run.id}/messages`, { content: "pepper", sender: "user" });
  const refused = async (
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {object} */ body,
  ) => {
    const answer = await ana.call(method, path, body);
    return `${answer.status} ${answer.body.code} ${answer.body.field}`;
  };
  const asAgent = { content: "I am Koji", sender: "agent" };
  assert.equal(
    await refused("POST", `/api/agent-runs/${run.id}/messages`, asAgent),
    "403 not_allowed sender",
  );
  assert.equal(await refused("PATCH", one, { trustRepository: true }), "403 not_allowed trustRepository");
  assert.equal(await refused("PATCH", one, { agentNetwork: "open" }), "403 not_allowed agentNetwork");
  assert.equal(await refused("PATCH", one, { repoUrl: world.folder }), "403 not_allowed repoUrl");
  assert.equal(await refused("POST", "/api/projects", { repoUrl: world.folder }), "403 not_allowed repoUrl");
  assert.equal((await ana.call("PATCH", one, { name: "Kitchen" })).status, 200);

  await world.client.call("PATCH", one, { trustRepository: true });
  const moved = await ana.call("PATCH", one, { repoUrl: "https://example.org/another" });
  assert.equal(moved.body.trustRepository, false, "trust does not move to another repository");

  const made = await ana.post("/api/projects", { name: "Hers" });
  assert.deepEqual(
    (await ana.get("/api/projects")).items.map((/** @type {any} */ { id }) => id).sort(),
    [project.id, made.id].sort(),
  );
  assert.deepEqual(
    (await ana.get(`/api/projects/${made.id}/members`)).items.map((/** @type {any} */ { name }) => name),
    ["Ana"],
  );
  const ben = await invite(world, "Ben", "viewer");
  assert.equal((await ana.call("POST", `/api/projects/${made.id}/members`, { userId: ben.id })).status, 201);
  assert.equal((await ana.call("POST", `/api/projects/${made.id}/members`, { userId: ben.id })).status, 200);
  assert.equal((await ben.api.call("GET", `/api/projects/${made.id}`)).status, 200);
  assert.equal(
    (await ana.call("POST", `/api/projects/${made.id}/members`, { userId: "nobody" })).status,
    404,
  );
  await session.end();
});

test("an invitation lets one browser in, once, and the last one counts", async (t) => {
  const world = await startWorld(t);
  const user = await world.client.post("/api/users", { name: "Ana", role: "developer" });
  const invited = () => world.client.post(`/api/users/${user.id}/invite`, {});
  const first = await invited();
  const second = await invited();
  assert.equal(second.expiresInSeconds, 7 * 24 * 3600);
  const enter = async (/** @type {string} */ code) =>
    (await new Api(world.base, "").call("POST", "/api/login", { code })).status;
  assert.equal(await enter(first.code), 401, "a later invitation replaces it");
  const ana = await signIn(world, second.code);
  assert.equal(await enter(second.code), 401, "it is good once");
  assert.deepEqual(await ana.get("/api/me"), { id: user.id, name: "Ana", role: "developer" });

  const taken = await world.client.call("POST", "/api/users", { name: "ANA", role: "viewer" });
  assert.deepEqual([taken.status, taken.body.code, taken.body.field], [409, "name_taken", "name"]);
  const { status, lines } = await world.omakase("login-link", "--user", "ana");
  assert.equal(status, 0);
  const link = lines.join("").match(/#login=(\S+)/)?.[1] ?? "";
  assert.equal((await (await signIn(world, link)).get("/api/me")).id, user.id);
  const nobody = await world.omakase("login-link", "--user", "nobody");
  assert.equal(nobody.status, 1);

  const { code } = await ana.post("/api/login-codes", {});
  assert.equal((await (await signIn(world, code)).get("/api/me")).id, user.id, "another device of hers");
  const forAnother = await ana.call("POST", "/api/login-codes", { user: "admin" });
  assert.equal(forAnother.status, 403);
});

test("whoever runs the server stays an administrator, and a person is one as long as they are told to be", async (t) => {
  const world = await startWorld(t);
  for (const [method, body] of /** @type {const} */ ([
    ["DELETE", undefined],
    ["PATCH", { active: false }],
    ["PATCH", { role: "viewer" }],
  ])) {
    const answer = await world.client.call(method, "/api/users/admin", body);
    assert.deepEqual([answer.status, answer.body.code], [409, "operator"]);
  }
  assert.equal((await world.client.call("PATCH", "/api/users/admin", { name: "Olga" })).body.name, "Olga");
  const ben = await invite(world, "Ben", "admin");
  assert.equal((await ben.api.call("GET", "/metrics")).status, 200);
  await world.client.call("PATCH", `/api/users/${ben.id}`, { role: "viewer" });
  assert.equal(
    (await ben.api.call("GET", "/metrics")).status,
    403,
    "nothing that is remembered outlives the change",
  );
  assert.equal((await ben.api.get("/api/me")).role, "viewer");
});

test("who is deactivated is out, with every cookie, token and link", async (t) => {
  const world = await startWorld(t);
  const { values, session } = await startKitchen(world);
  const ana = await invite(world, "Ana", "developer", [values.projectId]);
  const { api: program } = await ana.program();
  const { code } = await ana.api.post("/api/login-codes", {});
  for (const api of [ana.api, program]) await api.get("/api/me");
  assert.equal((await world.client.call("DELETE", `/api/users/${ana.id}`)).status, 200);
  for (const operation of await operations(world, values)) {
    if (operation.access === "public") continue;
    for (const api of [ana.api, program]) {
      assert.equal((await attempt(api, operation, values)).status, 401, operation.id);
    }
  }
  assert.equal((await new Api(world.base, "").call("POST", "/api/login", { code })).status, 401);
  assert.equal((await world.client.call("POST", `/api/users/${ana.id}/invite`, {})).body.code, "deactivated");

  await world.client.call("PATCH", `/api/users/${ana.id}`, { active: true });
  assert.equal((await ana.api.call("GET", "/api/me")).status, 401, "old cookies stay void");
  const back = await world.client.post(`/api/users/${ana.id}/invite`, {});
  const again = await signIn(world, back.code);
  assert.equal((await again.call("GET", `/api/projects/${values.projectId}`)).status, 200);
  await session.end();
});

test("streams end with what lets a person read them", async (t) => {
  const world = await startWorld(t);
  const { project, values, session, run, program } = await startKitchen(world);
  const ana = await invite(world, "Ana", "developer", [project.id]);
  const ben = await invite(world, "Ben", "viewer", [project.id]);
  const cleo = await invite(world, "Cleo", "admin");
  const { token, api: script } = await ana.program();
  const addresses = [`/api/stream?projects=${project.id}`, `/api/agent-runs/${values.runId}/messages/stream`];
  const open = async (/** @type {Api} */ api) => {
    const streams = addresses.map((path) => new Stream(world.base + path, api.headers));
    for (const one of streams) await one.next("it is connected", () => true);
    return streams;
  };
  const ended = async (/** @type {string} */ why, /** @type {Stream[]} */ streams) => {
    for (const one of streams) await withDeadline(one.done, why, 5_000);
  };
  const ofRun = new Stream(`${world.base}/api/agent-runs/${run.id}/messages/stream`, program.headers);
  await ofRun.next("it is connected", () => true);
  assert.equal((await world.client.call("POST", "/api/logout", {})).status, 204);
  await world.client.post(`/api/agent-runs/${run.id}/messages`, { content: "still there?", sender: "user" });
  await ofRun.message("a token that is no login ends nothing", (one) => one.content === "still there?");
  const stays = await open(ben.api);
  const ofProgram = await open(script);
  await ana.api.delete(`/api/tokens/${token.id}`);
  await ended("the token is revoked", ofProgram);

  let ofAna = await open(ana.api);
  await world.client.delete(`/api/projects/${project.id}/members/${ana.id}`);
  await ended("she is no member any more", ofAna);
  assert.equal((await ana.api.call("GET", addresses[0])).status, 404);
  await world.client.post(`/api/projects/${project.id}/members`, { userId: ana.id });
  ofAna = await open(ana.api);
  await ana.api.call("POST", "/api/logout", {});
  await ended("she signs out", ofAna);
  assert.equal((await ana.api.call("GET", "/api/me")).status, 401);

  const ofCleo = await open(cleo.api);
  await world.client.call("PATCH", `/api/users/${cleo.id}`, { role: "developer" });
  await ended("she sees every project no longer", ofCleo);
  assert.equal((await cleo.api.call("GET", addresses[0])).status, 404);

  await session.say("!reply still here");
  await stays[1].message("who lost nothing reads on", (one) => one.content === "still here");
  await world.client.delete(`/api/users/${ben.id}`);
  await ended("he is deactivated", stays);
  await session.end();
});

test("a program's token is told once, kept as a hash, and makes no way in that outlives it", async (t) => {
  const world = await startWorld(t);
  const ana = await invite(world, "Ana", "admin");
  const soon = new Date(Date.now() + 2_000).toISOString().replace("Z", "000Z");
  const short = await ana.program({ expiresAt: soon });
  const { token, secret, api } = await ana.program();
  assert.match(secret, /^omk_/);
  assert.equal(token.lastUsedAt, null);
  assert.deepEqual(await api.get("/api/me"), { id: ana.id, name: "Ana", role: "admin" });
  for (const [path, body] of [
    ["/api/tokens", { name: "another" }],
    ["/api/login-codes", {}],
    ["/api/users/admin/invite", {}],
  ]) {
    const answer = await api.call("POST", /** @type {string} */ (path), body);
    assert.deepEqual([answer.status, answer.body.code], [403, "not_with_a_token"], String(path));
  }
  const { items } = await ana.api.get("/api/tokens");
  assert.deepEqual(
    items.map((/** @type {any} */ one) => one.id),
    [token.id, short.token.id],
  );
  assert.ok(items[0].lastUsedAt, "its use is noted");
  assert.equal(JSON.stringify(items).includes(secret), false);
  assert.deepEqual((await world.client.get("/api/tokens")).items, [], "they are hers");
  const past = await ana.api.call("POST", "/api/tokens", {
    name: "late",
    expiresAt: "2020-01-31T09:05:07.000123Z",
  });
  assert.deepEqual([past.status, past.body.field], [400, "expiresAt"]);

  await until("the short one expires", async () => (await short.api.call("GET", "/api/me")).status === 401);
  await world.server?.end("SIGTERM");
  const files = readdirSync(world.data).filter((name) => name.startsWith("omakase.db"));
  for (const name of files) assert.equal(readFileSync(join(world.data, name)).includes(secret), false, name);
  await world.startServer();
  const kept = (await ana.api.get("/api/tokens")).items[0];
  assert.ok(kept.lastUsedAt >= items[0].lastUsedAt, "the use outlives a restart");
  assert.equal((await api.call("GET", "/api/me")).status, 200);
  await ana.api.delete(`/api/tokens/${token.id}`);
  assert.equal((await api.call("GET", "/api/me")).status, 401);
});
