// The server's edge, as strangers and broken programs meet it: raw bytes, floods and clients that keep it waiting.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { answersIn, RawConnection, requestCases } from "./harness/raw.mjs";
import { startWorld, World } from "./harness/world.mjs";

/** @typedef {import("node:test").TestContext} TestContext */

const clockTicksPerSecond = 100;

/** @param {World} world */
const hostOf = (world) => new URL(world.base).host;

/** @param {World} world */
const healthCheck = (world) => `GET /healthz HTTP/1.1\r\nHost: ${hostOf(world)}\r\n\r\n`;

/**
 * The processor time that the server has used, in seconds.
 * @param {World} world
 */
function processorSeconds(world) {
  const fields = readFileSync(`/proc/${world.server?.pid}/stat`, "latin1").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

test("every request of the corpus gets its answers, and nothing after a refused one is answered", async (t) => {
  const world = await startWorld(t, { practice: true });
  const cases = requestCases(hostOf(world));
  assert.ok(cases.length > 100, `${cases.length} cases`);
  await Promise.all(
    cases.map(async ({ name, sent, answers }) => {
      const said = answersIn(await new RawConnection(world.base).send(sent).rest());
      const statuses = said.map((answer) => answer.slice(9, 12));
      assert.deepEqual(
        statuses,
        answers.map(({ status }) => status),
        `${name}: ${said.join("")}`,
      );
      for (const [at, { word }] of answers.entries()) {
        assert.ok(said[at].includes(word), `${name}: ${word} in ${said[at]}`);
      }
      assert.match(said.at(-1) ?? "", /\r\nConnection: close\r\n/, name);
    }),
  );
  assert.equal((await world.client.get("/healthz")).status, "ok");
});

test("a request that comes byte by byte is the same request", async (t) => {
  const world = await startWorld(t, { practice: true });
  const connection = new RawConnection(world.base);
  connection.socket.setNoDelay(true);
  const bytes =
    `POST /api/login HTTP/1.1\r\nHost: ${hostOf(world)}\r\nContent-Type: application/json\r\nConnection: close\r\n` +
    `Transfer-Encoding: chunked\r\n\r\n5\r\n{"cod\r\n7;x=y\r\ne":"x"}\r\n0\r\nX-Sum: 1\r\n\r\n`;
  for (const byte of bytes) {
    connection.send(byte);
    await new Promise(setImmediate);
  }
  assert.match(await connection.rest(), /^HTTP\/1\.1 401 [^]*bad_login_code/);
});

test("a client that asks first is told to go on", async (t) => {
  const world = await startWorld(t, { practice: true });
  const connection = new RawConnection(world.base).send(
    `POST /api/login HTTP/1.1\r\nHost: ${hostOf(world)}\r\nContent-Type: application/json\r\nContent-Length: 12\r\n` +
      `Expect: 100-continue\r\nConnection: close\r\n\r\n`,
  );
  await connection.says(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  assert.match(await connection.send('{"code":"x"}').rest(), /bad_login_code/);
});

test("whoever keeps the server waiting is told so and cut: for a head, for a body, between requests", async (t) => {
  const serve = ["--head-timeout", "1", "--body-timeout", "1", "--keep-alive-timeout", "1"];
  const world = await startWorld(t, { practice: true, serve });
  const host = hostOf(world);
  const slow = {
    silent: "",
    head: `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX-`,
    body: `POST /api/login HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\n{`,
    chunks: `POST /api/login HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
  };
  for (const [name, bytes] of Object.entries(slow)) {
    const answer = await new RawConnection(world.base).send(bytes).rest();
    if (name === "silent") assert.equal(answer, "", "who has asked nothing gets no answer");
    else assert.match(answer, /^HTTP\/1\.1 408 [^]*"too_slow"/, name);
  }
  const idle = await new RawConnection(world.base).send(healthCheck(world)).rest();
  assert.equal(answersIn(idle).length, 1, "an idle connection was answered before");
  // One that sends a byte now and then is no better: the limit is for the whole head.
  const dripping = new RawConnection(world.base).send("GET / HTTP/1.1\r\n");
  const drip = setInterval(() => dripping.send("X"), 100);
  assert.match(await dripping.rest(), /^HTTP\/1\.1 408 /);
  clearInterval(drip);
});

test("a body that stalls is cut long before one that keeps coming", async (t) => {
  const world = await startWorld(t, { practice: true });
  const head =
    `POST /api/login HTTP/1.1\r\nHost: ${hostOf(world)}\r\nContent-Type: application/json\r\n` +
    `Content-Length: 1000000\r\nConnection: close\r\n\r\n`;
  const steady = new RawConnection(world.base).send(`${head}{"code":"x","more":"`);
  const stalled = new RawConnection(world.base).send(`${head}{"code":"x","more":"`);
  let sent = 20;
  const send = setInterval(() => {
    steady.send("m".repeat(1000));
    sent += 1000;
  }, 100);
  assert.match(await stalled.rest(), /^HTTP\/1\.1 408 /);
  clearInterval(send);
  assert.equal(steady.how, undefined, "the other one goes on");
  steady.send("m".repeat(1_000_000 - sent - 2) + '"}');
  assert.match(await steady.rest(), /bad_login_code/);
});

test("thousands of clients that never finish their request keep nobody out", async (t) => {
  const world = await startWorld(t, { practice: true });
  const half = `GET /healthz HTTP/1.1\r\nHost: ${hostOf(world)}\r\nX-`;
  const open = Array.from({ length: 5000 }, () => new RawConnection(world.base).send(half));
  t.after(() => open.forEach((connection) => connection.close()));
  await Promise.all(open.map((connection) => connection.opened));
  assert.equal((await world.client.get("/healthz")).status, "ok");
});

test("when connections run short, the one that has waited longest makes room", async (t) => {
  const world = await startWorld(t, { practice: true, serve: ["--max-connections", "20"] });
  const open = Array.from({ length: 100 }, () => new RawConnection(world.base).send("GET / "));
  t.after(() => open.forEach((connection) => connection.close()));
  await open[0].ended;
  const last = new RawConnection(world.base).send(healthCheck(world));
  assert.match(await last.says(/"ok"/), /^HTTP\/1\.1 200 /);
  const health = await Promise.all(Array.from({ length: 50 }, () => fetch(`${world.base}/healthz`)));
  assert.ok(health.every((response) => response.status === 200));
  last.close();
});

/**
 * A world whose server may have so many descriptors.
 * @param {TestContext} t
 * @param {number} descriptors
 */
async function startNarrowWorld(t, descriptors) {
  const world = new World(t.name, { practice: true, serve: ["--head-timeout", "3"] });
  t.after(() => world.end());
  world.wrap = ["prlimit", `--nofile=${descriptors}:${descriptors}`];
  await world.start();
  return world;
}

test("with 256 descriptors, 400 waiting clients cost no processor time, and the next one is answered", async (t) => {
  const world = await startNarrowWorld(t, 256);
  const open = Array.from({ length: 400 }, () => new RawConnection(world.base).send("GET / "));
  t.after(() => open.forEach((connection) => connection.close()));
  await Promise.all(open.map((connection) => connection.opened));
  assert.equal((await world.client.get("/healthz")).status, "ok");
  const before = processorSeconds(world);
  const begin = performance.now();
  // Nothing happens here: that is what is measured.
  await Promise.all(open.slice(-50).map((connection) => connection.ended));
  const share = (processorSeconds(world) - before) / ((performance.now() - begin) / 1000);
  t.diagnostic(`processor while full: ${(100 * share).toFixed(1)} %`);
  assert.ok(share < 0.2, `${share} of a processor`);
  assert.equal(
    (await world.client.post("/api/projects", { name: "after the flood" })).name,
    "after the flood",
  );
});

test("with 256 descriptors, 400 streams leave room for the store and for people who ask", async (t) => {
  const world = await startNarrowWorld(t, 256);
  const project = await world.client.post("/api/projects", { name: "tidewater" });
  const { run } = await world.client.post("/api/agent-runs", { projectId: project.id, agentName: "nori" });
  const path = `/api/agent-runs/${run.id}/messages`;
  const request =
    `GET ${path}/stream HTTP/1.1\r\nHost: ${hostOf(world)}\r\n` +
    `Authorization: ${world.client.headers.authorization}\r\n\r\n`;
  const open = Array.from({ length: 400 }, () => new RawConnection(world.base).send(request));
  t.after(() => open.forEach((connection) => connection.close()));
  const outcomes = await Promise.all(
    open.map((connection) =>
      Promise.race([connection.says(/: connected/).catch(() => ""), connection.ended]),
    ),
  );
  const streaming = open.filter((connection) => connection.text.includes(": connected"));
  t.diagnostic(`${streaming.length} of ${outcomes.length} streams`);
  assert.ok(streaming.length > 100 && streaming.length < 250, `${streaming.length} streams`);
  // Whoever has a stream goes on hearing; a stream that ends makes room.
  streaming[0].close();
  let posted;
  for (let tries = 0; !posted && tries < 100; ++tries) {
    posted = await world.client.post(path, { content: "still here", sender: "user" }).catch(() => undefined);
  }
  assert.ok(posted, "a message is taken");
  await streaming[1].says(/still here/);
});

test("an address has its number of connections, and its number of requests in a second", async (t) => {
  const serve = ["--connections-per-address", "5", "--requests-per-address", "10"];
  const world = await startWorld(t, { practice: true, serve });
  const open = Array.from({ length: 5 }, () => new RawConnection(world.base, "127.0.0.2"));
  t.after(() => open.forEach((connection) => connection.close()));
  await Promise.all(open.map((connection) => connection.opened));
  const sixth = await new RawConnection(world.base, "127.0.0.2").rest();
  assert.match(sixth, /^HTTP\/1\.1 503 [^]*too_many_connections/);
  // Others are not concerned, and a place that comes free can be taken.
  const other = new RawConnection(world.base, "127.0.0.3").send(healthCheck(world));
  await other.says(/"ok"/);
  const many = healthCheck(world).repeat(30);
  const said = answersIn(await other.send(many).rest());
  const refused = said.at(-1) ?? "";
  assert.match(refused, /^HTTP\/1\.1 429 [^]*rate_limited/);
  assert.match(refused, /\r\nRetry-After: 1\r\n/);
  assert.ok(said.length > 10 && said.length < 31, `${said.length} answers`);
  const third = new RawConnection(world.base, "127.0.0.4").send(healthCheck(world));
  await third.says(/"ok"/);
  third.close();
});

test("a token has its number of requests in a second, from wherever it comes", async (t) => {
  const world = await startWorld(t, { practice: true, serve: ["--requests-per-token", "5"] });
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => world.client.call("GET", "/api/projects")),
  );
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0 && refused.length < 21, `${refused.length} of 30 refused`);
  assert.equal(refused[0].body.code, "rate_limited");
  assert.equal(refused[0].headers.get("retry-after"), "1");
  // Who has no token is not counted with those who have, and public addresses stay open.
  assert.equal((await fetch(`${world.base}/api/projects`)).status, 401);
  assert.equal((await fetch(`${world.base}/healthz`)).status, 200);
});

test("X-Forwarded-For is believed from listed proxies only", async (t) => {
  const serve = ["--trusted-proxy", "127.0.0.2,10.0.0.0/8", "--requests-per-address", "5"];
  const world = await startWorld(t, { practice: true, serve });
  const ask = async (
    /** @type {string} */ from,
    /** @type {number} */ times,
    /** @type {(at: number) => string} */ forwarded,
  ) => {
    let refused = 0;
    for (let at = 0; at < times; ++at) {
      const connection = new RawConnection(world.base, from).send(
        `GET /healthz HTTP/1.1\r\nHost: ${hostOf(world)}\r\nX-Forwarded-For: ${forwarded(at)}\r\nConnection: close\r\n\r\n`,
      );
      if (answersIn(await connection.rest())[0].startsWith("HTTP/1.1 429 ")) ++refused;
    }
    return refused;
  };
  assert.equal(
    await ask("127.0.0.2", 40, (at) => `203.0.113.${at}`),
    0,
    "everybody behind the proxy is himself",
  );
  assert.ok((await ask("127.0.0.2", 40, () => "198.51.100.7, 10.1.2.3")) > 0, "one of them is one");
  assert.ok(
    (await ask("127.0.0.3", 40, (at) => `203.0.113.${at}`)) > 0,
    "a stranger is himself, whatever he says",
  );
});

test("JSON that is none, too deep or ambiguous is refused, on a stack of 256 KiB as well", async (t) => {
  const world = new World(t.name, { practice: true });
  t.after(() => world.end());
  world.wrap = ["prlimit", "--stack=262144"];
  await world.start();
  const project = await world.client.post("/api/projects", { name: "tidewater" });
  const { run } = await world.client.post("/api/agent-runs", { projectId: project.id, agentName: "nori" });
  const path = `/api/agent-runs/${run.id}/messages`;
  const post = async (/** @type {string | Uint8Array<ArrayBuffer>} */ body) => {
    const headers = { ...world.client.headers, "content-type": "application/json" };
    const response = await fetch(world.base + path, { method: "POST", headers, body });
    return { status: response.status, body: /** @type {any} */ (await response.json()) };
  };
  const refused = {
    "100,000 brackets": "[".repeat(100_000),
    "100,000 objects": '{"a":'.repeat(100_000),
    "65 levels": `{"content":"x","sender":"user","more":${"[".repeat(65)}${"]".repeat(65)}}`,
    "a name twice": '{"content":"a","content":"b","sender":"user"}',
    "a name twice, once escaped": '{"content":"a","c\\u006fntent":"b","sender":"user"}',
    "a number beyond all": '{"content":"a","sender":"user","more":1e999}',
    "half a character": '{"content":"\\ud800","sender":"user"}',
    "no UTF-8": Uint8Array.from(Buffer.from('{"content":"\xff","sender":"user"}', "latin1")),
    "two values": '{"content":"a","sender":"user"}{}',
    "no object": '["content"]',
  };
  for (const [name, body] of Object.entries(refused)) {
    const answer = await post(body);
    assert.equal(answer.status, 400, name);
    assert.ok(["malformed_json", "invalid_type"].includes(answer.body.code), `${name}: ${answer.body.code}`);
  }
  const content = "NUL \0 and \u{1f363} stay";
  const posted = await post(JSON.stringify({ content, sender: "user" }));
  assert.equal(posted.status, 201);
  assert.deepEqual(
    (await world.client.get(path)).map((/** @type {any} */ message) => message.content),
    [content],
    "what was refused is not there",
  );
});
