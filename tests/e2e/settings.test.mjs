// What a project keeps for its agents: secrets go in and never come out, of the API or of the files; limits; agents' models.
import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

const gitToken = "ghp_a-token-nobody-may-read-back";
const value = "postgres://shop:a-password-nobody-may-read-back@db/shop";

/**
 * @param {World} world
 * @param {object} [more]
 */
const addProject = (world, more = {}) => world.client.post("/api/projects", { name: "tidewater", ...more });

/**
 * Status and code of a call that is refused.
 * @param {World} world
 * @param {[string, string, unknown?]} call
 */
async function refusal(world, ...call) {
  const { status, body } = await world.client.call(...call);
  return [status, body?.code];
}

/**
 * Every file below a folder.
 * @param {string} folder
 * @returns {string[]}
 */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/**
 * @param {World} world
 * @param {string[]} secrets
 */
function assertInNoFile(world, secrets) {
  const files = [...filesIn(world.folder), ...filesIn(world.artifacts)];
  assert.ok(files.some((file) => file.endsWith("omakase.db")));
  for (const file of files) {
    const content = readFileSync(file, "latin1");
    for (const secret of secrets) assert.ok(!content.includes(secret), `${file} holds a secret`);
  }
}

test("a project's token and variables cannot be read back, nor found in any file of the server", async (t) => {
  const world = await startWorld(t, { serve: ["--log-level", "debug"] });
  const { client } = world;
  const project = await addProject(world, { gitToken: `${gitToken}\n` });
  assert.equal(project.hasGitToken, true);
  const path = `/api/projects/${project.id}`;
  const set = await client.call("PUT", `${path}/variables/DATABASE_URL`, { value });
  assert.equal(set.status, 200);
  assert.deepEqual(Object.keys(set.body).sort(), ["name", "updatedAt"]);

  const readable = [path, "/api/projects", `${path}/variables`, `${path}/permission-rules`];
  const answers = await Promise.all(readable.map((one) => client.get(one)));
  for (const secret of [gitToken, value]) assert.ok(!JSON.stringify(answers).includes(secret));
  assert.deepEqual(answers[2].items, [set.body]);

  assertInNoFile(world, [gitToken, value]);
  assert.equal(await world.server?.end("SIGTERM"), 0);
  assertInNoFile(world, [gitToken, value]);
  assert.equal(statSync(join(world.data, "secret.key")).mode & 0o777, 0o600);
  await world.startServer();
  assert.equal((await client.get(path)).hasGitToken, true, "it is kept");
});

test("a token is replaced and taken away, and does not follow the project to another host", async (t) => {
  const world = await startWorld(t);
  const project = await addProject(world, { repoUrl: "https://git.example.com/team/shop.git", gitToken });
  const change = async (/** @type {object} */ body) => {
    const { status, body: changed } = await world.client.call("PATCH", `/api/projects/${project.id}`, body);
    assert.equal(status, 200, JSON.stringify(changed));
    return changed.hasGitToken;
  };
  assert.equal(await change({ name: "Shop" }), true);
  assert.equal(await change({ repoUrl: "https://git.example.com/team/store.git" }), true);
  assert.equal(await change({ repoUrl: "https://elsewhere.example.com/team/store.git" }), false);
  assert.equal(await change({ gitToken }), true);
  assert.equal(await change({ repoUrl: "https://git.example.com/team/store.git", gitToken }), true);
  assert.equal(await change({ gitToken: null }), false);

  const path = `/api/projects/${project.id}`;
  assert.deepEqual(await refusal(world, "PATCH", path, { gitToken: "two\nlines" }), [400, "invalid_token"]);
  assert.deepEqual(await refusal(world, "PATCH", path, { gitToken: " " }), [400, "empty"]);
  assert.deepEqual(await refusal(world, "PATCH", path, { gitToken: 7 }), [400, "invalid_type"]);
  const long = "x".repeat(4097);
  assert.deepEqual(await refusal(world, "PATCH", path, { gitToken: long }), [413, "content_too_large"]);
  assert.equal((await world.client.get(path)).hasGitToken, false, "nothing of what was refused is kept");
});

test("what agents of a project reach and whether its repository is trusted is a person's choice", async (t) => {
  const world = await startWorld(t);
  const project = await addProject(world);
  assert.deepEqual([project.agentNetwork, project.trustRepository], [null, false]);
  const path = `/api/projects/${project.id}`;
  await world.client.call("PATCH", path, { agentNetwork: "model", trustRepository: true });
  await world.client.call("PATCH", path, { name: "Shop" });
  const changed = await world.client.get(path);
  assert.deepEqual([changed.agentNetwork, changed.trustRepository], ["model", true]);
  const back = await world.client.call("PATCH", path, { agentNetwork: null, trustRepository: false });
  assert.deepEqual([back.body.agentNetwork, back.body.trustRepository], [null, false]);
  assert.deepEqual(await refusal(world, "PATCH", path, { agentNetwork: "lan" }), [400, "invalid_network"]);
  assert.deepEqual(await refusal(world, "PATCH", path, { trustRepository: "yes" }), [400, "invalid_type"]);
});

test("variables are set, replaced, listed by name and deleted, each in its project", async (t) => {
  const world = await startWorld(t);
  const [shop, other] = [await addProject(world), await addProject(world)];
  const path = (/** @type {{ id: string }} */ project, name = "") =>
    `/api/projects/${project.id}/variables${name}`;
  const names = async (/** @type {{ id: string }} */ project) => {
    const { items, next } = await world.client.get(path(project));
    assert.equal(next, null);
    return items.map((/** @type {{ name: string }} */ one) => one.name);
  };
  for (const name of ["B", "A", "B"]) await world.client.call("PUT", path(shop, `/${name}`), { value: "" });
  assert.deepEqual(await names(shop), ["A", "B"]);
  assert.deepEqual(await names(other), []);
  assert.deepEqual(await refusal(world, "DELETE", path(other, "/A")), [404, "variable_not_found"]);
  await world.client.delete(path(shop, "/A"));
  assert.deepEqual(await names(shop), ["B"]);
  assert.deepEqual(await refusal(world, "DELETE", path(shop, "/A")), [404, "variable_not_found"]);
  const nowhere = { id: "nowhere" };
  assert.deepEqual(await refusal(world, "GET", path(nowhere)), [404, "project_not_found"]);
  assert.deepEqual(await refusal(world, "PUT", path(nowhere, "/A"), { value: "" }), [
    404,
    "project_not_found",
  ]);
});

test("a variable that would steer the agent's program, or is none, is refused", async (t) => {
  const world = await startWorld(t);
  const { id } = await addProject(world);
  const put = (/** @type {string} */ name, /** @type {object} */ body = { value: "x" }) =>
    refusal(world, "PUT", `/api/projects/${id}/variables/${encodeURIComponent(name)}`, body);
  const reserved =
    "PATH HOME LD_PRELOAD BASH_ENV NODE_OPTIONS BUN_OPTIONS ANTHROPIC_BASE_URL CLAUDE_CODE_USE_BEDROCK " +
    "OMAKASE_RUN_ID IS_SANDBOX HTTP_PROXY https_proxy no_proxy";
  for (const name of [...reserved.split(" "), "2A", "A-B", "A=B", "A\nB", "Ä", "A".repeat(65)]) {
    assert.deepEqual(await put(name), [400, "invalid_name"], name);
  }
  assert.deepEqual(await put("A", {}), [400, "required"]);
  assert.deepEqual(await put("A", { value: 7 }), [400, "invalid_type"]);
  assert.deepEqual(await put("A", { value: "a\0b" }), [400, "invalid_value"]);
  assert.deepEqual(await put("A", { value: "x".repeat(32 * 1024 + 1) }), [413, "content_too_large"]);
  assert.deepEqual((await world.client.get(`/api/projects/${id}/variables`)).items, []);
  assert.deepEqual(await put("A", { value: "x".repeat(32 * 1024) }), [200, undefined]);
});

test("a project has a hundred variables at most", async (t) => {
  const world = await startWorld(t);
  const { id } = await addProject(world);
  const put = (/** @type {string} */ name) =>
    world.client.call("PUT", `/api/projects/${id}/variables/${name}`, { value: "x" });
  const answers = await Promise.all(Array.from({ length: 104 }, (_, at) => put(`V${at}`)));
  const refused = answers.filter(({ status }) => status !== 200);
  assert.deepEqual(
    refused.map(({ status, body }) => [status, body.code]),
    Array(4).fill([409, "too_many"]),
  );
  const { items } = await world.client.get(`/api/projects/${id}/variables`);
  assert.equal(items.length, 100);
  assert.equal((await put(items[0].name)).status, 200, "one that is there can be replaced");
});

test("a rule that is not there cannot be taken back", async (t) => {
  const world = await startWorld(t);
  const { id } = await addProject(world);
  const path = `/api/projects/${id}/permission-rules`;
  assert.deepEqual(await world.client.get(path), { items: [], next: null });
  assert.deepEqual(await refusal(world, "DELETE", `${path}/none`), [404, "rule_not_found"]);
  assert.deepEqual(await refusal(world, "GET", "/api/projects/none/permission-rules"), [
    404,
    "project_not_found",
  ]);
});

test("each agent keeps the model that was chosen for it", async (t) => {
  const world = await startWorld(t);
  const { client } = world;
  const models = async () => {
    const { items } = await client.get("/api/agents");
    return Object.fromEntries(items.map((/** @type {any} */ one) => [one.name, one.model]));
  };
  assert.deepEqual(await models(), { miso: null, nori: null, koji: null, toro: null });
  const { status, body } = await client.call("PATCH", "/api/agents/nori", { model: "opus[1m]" });
  assert.deepEqual([status, body.name, body.model], [200, "nori", "opus[1m]"]);
  await world.server?.end("SIGTERM");
  await world.startServer();
  assert.deepEqual(await models(), { miso: null, nori: "opus[1m]", koji: null, toro: null });
  const back = await client.call("PATCH", "/api/agents/nori", { model: null });
  assert.equal(back.body.model, null);

  const patch = (/** @type {object} */ change, agent = "nori") =>
    refusal(world, "PATCH", `/api/agents/${agent}`, change);
  assert.deepEqual(await patch({}), [400, "required"]);
  assert.deepEqual(await patch({ model: 7 }), [400, "invalid_type"]);
  for (const model of ["", "--settings", "two words", "x".repeat(201), "ä"]) {
    assert.deepEqual(await patch({ model }), [400, "invalid_model"], model);
  }
  assert.deepEqual(await patch({ model: "opus" }, "root"), [404, "agent_not_found"]);
});

test("a key that cannot be used stops the start, and says what to do", async (t) => {
  const world = await startWorld(t);
  await world.server?.end("SIGTERM");
  chmodSync(join(world.data, "secret.key"), 0o644);
  assert.equal((await world.omakase("serve", "--listen", "127.0.0.1:0")).status, 1);
  const said = readFileSync(join(world.artifacts, "commands.log"), "utf8");
  assert.match(said, /secret\.key: others than its owner may read it; `chmod 600` it/);
});
