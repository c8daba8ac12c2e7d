// Who may call, and what they may send: what a stranger, another site's page and a careless program get for an answer.
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";

import { startWorld } from "./harness/world.mjs";

/**
 * A request as it stands, with headers that fetch would not let through.
 * @param {string} base
 * @param {{ method?: string, path: string, headers?: Record<string, string>, body?: string | Buffer }} what
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, body: any }>}
 */
function send(base, { method = "GET", path, headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method, headers }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const json = response.headers["content-type"]?.includes("json");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: json ? JSON.parse(text) : text,
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("strangers and other sites are turned away", async (t) => {
  const world = await startWorld(t);
  const authorization = world.client.headers.authorization;
  const path = "/api/projects";

  const nobody = await send(world.base, { path });
  assert.equal(nobody.status, 401);
  assert.match(nobody.headers["content-type"] ?? "", /^application\/problem\+json/);
  assert.ok(nobody.body.code && nobody.body.detail);
  assert.equal((await send(world.base, { path, headers: { authorization: "Bearer wrong" } })).status, 401);
  assert.equal((await send(world.base, { path, headers: { authorization } })).status, 200);

  const rebound = await send(world.base, { path, headers: { authorization, host: "evil.example" } });
  assert.deepEqual([rebound.status, rebound.body.status], [421, 421]);
  const foreign = await send(world.base, { path, headers: { authorization, origin: "http://evil.example" } });
  assert.deepEqual([foreign.status, foreign.body.status], [403, 403]);
  const page = await send(world.base, { path: "/" });
  assert.equal(page.status, 200);
  assert.match(String(page.headers["content-security-policy"]), /default-src 'self'/);
  assert.equal(page.headers["access-control-allow-origin"], undefined);
});

test("a login link opens the door once, for one browser", async (t) => {
  const world = await startWorld(t);
  const code = world.loginLink.split("#login=")[1];
  const logIn = () =>
    send(world.base, {
      method: "POST",
      path: "/api/login",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
  const first = await logIn();
  assert.equal(first.status, 200);
  const cookie = first.headers["set-cookie"]?.join() ?? "";
  assert.match(cookie, /HttpOnly/i);
  assert.match(cookie, /SameSite=Strict/i);
  assert.equal((await logIn()).status, 401);
  const me = await send(world.base, { path: "/api/me", headers: { cookie: cookie.split(";")[0] } });
  assert.equal(me.status, 200);
});

test("a body that cannot be meant is refused with its field", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { run } = await world.client.post("/api/agent-runs", { projectId: project.id, agentName: "nori" });
  const path = `/api/agent-runs/${run.id}/messages`;
  const post = (/** @type {string | Buffer} */ body, type = "application/json") =>
    send(world.base, {
      method: "POST",
      path,
      headers: { authorization: world.client.headers.authorization, "content-type": type },
      body,
    });
  const message = (/** @type {object} */ fields) =>
    JSON.stringify({ content: "hello", sender: "user", ...fields });

  const cases = [
    { name: "nothing", body: "", status: 400 },
    { name: "no JSON", body: '{"content": ', status: 400 },
    { name: "no object", body: "[]", status: 400 },
    { name: "no UTF-8", body: Buffer.from('{"content": "\xff", "sender": "user"}', "latin1"), status: 400 },
    { name: "too deep", body: "[".repeat(100_000), status: 400 },
    { name: "no content", body: message({ content: undefined }), status: 400, field: "content" },
    { name: "empty content", body: message({ content: "" }), status: 400, field: "content" },
    { name: "content of another type", body: message({ content: 7 }), status: 400, field: "content" },
    { name: "an unknown sender", body: message({ sender: "nobody" }), status: 400, field: "sender" },
    { name: "a bad id", body: message({ id: "../../etc" }), status: 400, field: "id" },
    { name: "too much content", body: message({ content: "a".repeat(256 * 1024 + 1) }), status: 413 },
    { name: "another content type", body: message({}), type: "text/plain", status: 415 },
  ];
  for (const { name, body, type, status, field } of cases) {
    const answer = await post(body, type);
    assert.equal(answer.status, status, name);
    assert.match(answer.headers["content-type"] ?? "", /^application\/problem\+json/, name);
    assert.equal(typeof answer.body.code, "string", name);
    assert.equal(answer.body.field ?? undefined, field ?? answer.body.field ?? undefined, name);
  }
  assert.deepEqual(await world.client.get(path), [], "nothing of all that was stored");
  assert.equal((await post(message({ unknown: true }))).status, 201);
});
