// Browsers that are told through their push services: what such a service gets, who is told, and what the browser shows.
import assert from "node:assert/strict";
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { invite } from "./harness/people.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/api.mjs").Api} Api */

const asks = '!tool Bash {"command":"touch one"}\n!reply done';

/** A browser's side of a subscription, by Node's own cryptography. */
class Reader {
  keys = createECDH("prime256v1");
  auth = randomBytes(16);
  p256dh = this.keys.generateKeys();

  /** @param {Buffer} body as RFC 8291 has it */
  open(body) {
    const [salt, length] = [body.subarray(0, 16), body.readUInt8(20)];
    assert.equal(body.readUInt32BE(16), 4096);
    const sender = body.subarray(21, 21 + length);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.p256dh, sender]);
    const material = hkdfSync("sha256", this.keys.computeSecret(sender), this.auth, info, 32);
    const derive = (/** @type {string} */ name, /** @type {number} */ size) =>
      Buffer.from(hkdfSync("sha256", Buffer.from(material), salt, `Content-Encoding: ${name}\0`, size));
    const sealed = body.subarray(21 + length);
    const cipher = createDecipheriv("aes-128-gcm", derive("aes128gcm", 16), derive("nonce", 12));
    cipher.setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    assert.equal(text.at(-1), 2, "the last record");
    return JSON.parse(text.subarray(0, -1).toString());
  }
}

/**
 * A push service of the test's own, on a port that the server is told of.
 * @param {import("node:test").TestContext} t
 */
async function pushService(t) {
  /** @type {{ path: string, headers: import("node:http").IncomingHttpHeaders, body: Buffer }[]} */
  const pushes = [];
  const answers = new Map();
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const path = request.url ?? "";
    pushes.push({ path, headers: request.headers, body: Buffer.concat(pieces) });
    response.writeHead(answers.get(path) ?? 201).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const base = `http://127.0.0.1:${port}`;
  return {
    base,
    pushes,
    answers,
    to: (/** @type {string} */ path) => pushes.filter((push) => push.path === path),
    /** @param {Api} api @param {string} path */
    async subscribe(api, path, more = {}) {
      const reader = new Reader();
      const keys = { p256dh: reader.p256dh.toString("base64url"), auth: reader.auth.toString("base64url") };
      const stored = await api.post("/api/push/subscriptions", { endpoint: base + path, keys, ...more });
      return { reader, id: stored.id };
    },
  };
}

test("a push is sealed for its browser, asked for by the server's key, and has the page's words", async (t) => {
  const service = await pushService(t);
  const world = await startWorld(t, { serve: ["--push-service", `${service.base}/`] });
  const project = await world.project("greeter");
  const { publicKey } = await world.client.get("/api/push");
  const { reader } = await service.subscribe(world.client, "/mine");
  const session = await Session.start(world, project.id, asks, { permissionMode: "ask" });
  const [push] = await until("it is told", () => {
    const all = service.to("/mine");
    return all.length > 0 ? all : undefined;
  });
  assert.deepEqual(reader.open(push.body), {
    kind: "question",
    title: "Nori asks permission",
    body: "greeter",
    path: `/projects/${project.id}/threads/${session.threadId}`,
    tag: `${session.runId}:question`,
  });
  const { headers } = push;
  assert.deepEqual(
    [headers["content-encoding"], headers.ttl, headers.urgency, String(headers.topic).length],
    ["aes128gcm", "86400", "high", 32],
  );
  const [, token, key] = String(headers.authorization).match(/^vapid t=([^,]+), k=(.+)$/) ?? [];
  assert.equal(key, publicKey);
  const point = Buffer.from(key, "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  const [head, claims, signature] = token.split(".");
  const signed = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  assert.ok(signed, "the server's key has signed it");
  const said = JSON.parse(Buffer.from(claims, "base64url").toString());
  assert.equal(said.aud, service.base);
  assert.ok(said.exp > Date.now() / 1000 && said.exp < Date.now() / 1000 + 24 * 3600);

  await world.server?.end("SIGTERM");
  await world.startServer();
  assert.equal((await world.client.get("/api/push")).publicKey, publicKey, "the key stays");
});

test("who may know of the project and can answer is told; who is gone is forgotten", async (t) => {
  const service = await pushService(t);
  const world = await startWorld(t, { serve: ["--push-service", `${service.base}/`] });
  const project = await world.project("greeter");
  const ana = await invite(world, "Ana", "developer", [project.id]);
  const vera = await invite(world, "Vera", "viewer", [project.id]);
  const otto = await invite(world, "Otto", "developer");
  const dora = await invite(world, "Dora", "developer", [project.id]);
  await service.subscribe(ana.api, "/ana");
  await service.subscribe(vera.api, "/vera");
  await service.subscribe(otto.api, "/otto");
  await service.subscribe(dora.api, "/dora");
  await service.subscribe(world.client, "/errors", { kinds: ["error"] });
  service.answers.set("/ana-old", 410);
  await service.subscribe(ana.api, "/ana-old");
  const users = (await world.client.get("/api/users")).items;
  const idOf = (/** @type {string} */ name) => users.find((/** @type {any} */ one) => one.name === name).id;
  await world.client.call("PATCH", `/api/users/${idOf("Dora")}`, { active: false });

  const session = await Session.start(world, project.id, asks, { permissionMode: "ask" });
  const asked = await session.stream.next("the agent asks", (one) => one.event === "permission-request");
  await until("Ana is asked", () => service.to("/ana").length === 1 && service.to("/ana-old").length === 1);
  await world.client.post(`/api/agent-runs/${session.runId}/permissions/${asked.data.requestId}`, {
    behavior: "allow",
  });
  await until("the end is told", () => service.to("/ana").length === 2 && service.to("/vera").length === 1);
  assert.deepEqual(
    ["/otto", "/dora", "/errors", "/ana-old"].map((path) => service.to(path).length),
    [0, 0, 0, 1],
  );
  await until("the old browser is forgotten", async () => {
    const { subscriptions } = await ana.api.get("/api/push");
    return subscriptions.length === 1;
  });
  await session.end();
});

test("only push services are called, only with keys, and each person sees their own browsers", async (t) => {
  const service = await pushService(t);
  const world = await startWorld(t, { serve: ["--push-service", `${service.base}/`] });
  const reader = new Reader();
  const keys = { p256dh: reader.p256dh.toString("base64url"), auth: reader.auth.toString("base64url") };
  for (const [body, code] of [
    [{ keys }, "required"],
    [{ endpoint: `${service.base}/x` }, "required"],
    [{ endpoint: "http://127.0.0.1:1/x", keys }, "invalid_endpoint"],
    [{ endpoint: "https://fcm.googleapis.com.example.org/x", keys }, "invalid_endpoint"],
    [{ endpoint: `${service.base}/x`, keys: { ...keys, p256dh: "AAAA" } }, "bad_key"],
    [{ endpoint: `${service.base}/x`, keys: { ...keys, auth: "*" } }, "bad_key"],
    [{ endpoint: `${service.base}/x`, keys, kinds: ["all"] }, "invalid_kind"],
  ]) {
    const answer = await world.client.call("POST", "/api/push/subscriptions", body);
    assert.deepEqual([answer.status, answer.body.code], [400, code], JSON.stringify(body));
  }
  const ana = await invite(world, "Ana", "developer");
  const { id } = await service.subscribe(world.client, "/mine");
  assert.deepEqual((await ana.api.get("/api/push")).subscriptions, []);
  const path = `/api/push/subscriptions/${id}`;
  assert.equal((await ana.api.call("DELETE", path)).body.code, "subscription_not_found");
  assert.equal((await world.client.call("DELETE", path)).status, 204);
  // A browser that somebody else signs in with is theirs.
  await service.subscribe(world.client, "/shared");
  await service.subscribe(ana.api, "/shared");
  assert.deepEqual((await world.client.get("/api/push")).subscriptions, []);
  assert.equal((await ana.api.get("/api/push")).subscriptions.length, 1);
});

test("the browser shows what it is pushed while no page has the focus, and once", async (t) => {
  const world = await startWorld(t);
  const browser = await world.browser();
  const page = await browser.login("/");
  const context = page.context();
  await context.grantPermissions(["notifications"], { origin: world.base });
  const protocol = await context.newCDPSession(page);
  const registered = new Promise((found) =>
    protocol.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      if (registrations[0]) found(registrations[0].registrationId);
    }),
  );
  await protocol.send("ServiceWorker.enable");
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/sw.js");
    await navigator.serviceWorker.ready;
  });
  const registrationId = /** @type {string} */ (await registered);
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const shown = () =>
    worker.evaluate(async () => {
      const scope = /** @type {any} */ (globalThis);
      const all = await scope.registration.getNotifications();
      return all.map((/** @type {Notification} */ one) => [one.title, one.body, one.tag]);
    });
  await page.goto("about:blank");
  const push = (/** @type {string} */ title) =>
    protocol.send("ServiceWorker.deliverPushMessage", {
      origin: world.base,
      registrationId,
      data: JSON.stringify({ kind: "turn", title, body: "greeter", path: "/projects/p", tag: "run:turn" }),
    });
  await push("Nori is done and waits for you");
  await until("it is shown", async () => (await shown()).length === 1);
  await push("Nori is done once more");
  await until("the newer takes its place", async () => {
    const all = await shown();
    return all.length === 1 && all[0][0] === "Nori is done once more";
  });
  assert.deepEqual((await shown())[0].slice(1), ["greeter", "run:turn"]);
});

test("the dialog offers it, and says so where the browser's service is out of reach", async (t) => {
  const world = await startWorld(t);
  const browser = await world.browser();
  const page = await browser.login("/");
  await page.context().grantPermissions(["notifications"], { origin: world.base });
  await page.getByRole("button", { name: /^Signed in as/ }).click();
  await page.getByRole("menuitem", { name: "Notifications…" }).click();
  const away = page.getByRole("checkbox", { name: /Also while no page is open/ });
  await away.waitFor();
  assert.equal(await away.isDisabled(), true, "nothing is wanted yet");
  await page.getByRole("checkbox", { name: /Questions/ }).check();
  await away.click();
  await page.getByText("push service cannot be reached").waitFor();
  assert.equal(await away.isChecked(), false);
});
