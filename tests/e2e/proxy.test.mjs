// Behind a proxy, as operators run it: the configuration of docs/operations.md and nginx as it comes. Events go through as they
// happen, a proxy that dies costs nothing, and what two programs could read differently gets nowhere.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Api, Stream } from "./harness/api.mjs";
import { Nginx, freePort } from "./harness/nginx.mjs";
import { RawConnection, answersIn } from "./harness/raw.mjs";
import { World } from "./harness/world.mjs";

/** @typedef {import("node:test").TestContext} TestContext */

/** The documented location, and the line for --trusted-proxy that the text below it asks for. */
function documented() {
  const text = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const [, location] = text.match(/```nginx[^]*?location \/ \{([^}]*)\}[^]*?```/) ?? [];
  const [, forwarded] = text.match(/`(proxy_set_header X-Forwarded-For [^`]*;)`/) ?? [];
  assert.ok(location && forwarded, "docs/operations.md has a configuration for nginx");
  return { location, forwarded };
}

/**
 * A server that people reach through nginx alone, and the way to it past nginx.
 * @param {TestContext} t
 * @param {{ location: string, http?: string, serve?: string[] }} settings `location` speaks of the server at 127.0.0.1:7777
 */
async function behind(t, { location, http, serve = [] }) {
  const [front, back] = [await freePort(), await freePort()];
  const world = new World(t.name, {
    practice: true,
    serve: ["--public-url", `http://127.0.0.1:${front}`, ...serve],
  });
  t.after(() => world.end());
  world.listen = `127.0.0.1:${back}`;
  const nginx = new Nginx(front, { location: location.replace("127.0.0.1:7777", world.listen), http });
  t.after(() => nginx.end());
  await world.start();
  await nginx.start();
  const direct = new Api(
    `http://127.0.0.1:${back}`,
    world.client.headers.authorization.replace("Bearer ", ""),
  );
  const project = await direct.post("/api/projects", { name: "behind" });
  const { run } = await direct.post("/api/agent-runs", { projectId: project.id, agentName: "nori" });
  const path = `/api/agent-runs/${run.id}/messages`;
  const say = (/** @type {string} */ content, api = world.client) =>
    api.post(path, { sender: "agent", content });
  return { world, nginx, direct, path, say };
}

const settings = {
  "as documented": { location: documented().location },
  "as it comes": { location: "proxy_pass http://127.0.0.1:7777;" },
  "compressing whatever it can": {
    location: "proxy_pass http://127.0.0.1:7777;",
    http: "gzip on; gzip_min_length 0; gzip_proxied any; gzip_types *;",
  },
};
for (const [how, configuration] of Object.entries(settings)) {
  test(`through nginx ${how} each event comes when it happens`, async (t) => {
    const { world, path, say } = await behind(t, configuration);
    const stream = new Stream(`${world.base}${path}/stream`, world.client.headers);
    // Each is awaited before the next is said: nothing that is said later may have to push it out.
    const begun = await stream.next("its beginning", ({ event }) => event === "state");
    for (let number = 0; number < 10; ++number) {
      await say(`word ${number}`);
      await stream.message(`word ${number}`, ({ content }) => content === `word ${number}`);
    }
    await stream.next("a sign of life", ({ event }) => event === "ping", { after: begun });
    stream.close();
  });
}

test("nginx leaves an event stream as it is: not buffered, not compressed", async (t) => {
  const http = "gzip on; gzip_min_length 0; gzip_proxied any;";
  const { world, path } = await behind(t, { location: settings["as it comes"].location, http });
  const response = await fetch(`${world.base}${path}/stream`, {
    headers: { ...world.client.headers, "accept-encoding": "gzip" },
  });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(response.headers.get("content-encoding"), null);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const reader = response.body?.getReader();
  const first = await reader?.read();
  assert.match(new TextDecoder().decode(first?.value), /^retry: \d+\n: connected\n/);
  await reader?.cancel();
});

test("a picture of some megabytes goes through", async (t) => {
  const { world } = await behind(t, settings["as documented"]);
  const [project] = (await world.client.get("/api/projects")).items;
  const picture = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(3_000_000, 1)]);
  const stored = await world.client.upload(project.id, "large.png", picture);
  assert.equal(stored.size, picture.length);
});

test("a stream goes on exactly where it was when its proxy went away", async (t) => {
  const { world, nginx, direct, path, say } = await behind(t, settings["as documented"]);
  const before = new Stream(`${world.base}${path}/stream`, world.client.headers);
  await say("before");
  const last = await before.message("before", ({ content }) => content === "before");
  await nginx.stop();
  await before.done.catch(() => {});
  await say("meanwhile", direct);
  await nginx.start();
  const after = new Stream(`${world.base}${path}/stream`, {
    ...world.client.headers,
    "last-event-id": last.id,
  });
  await say("after");
  await after.message("after", ({ content }) => content === "after");
  assert.deepEqual(
    after.messages.map(({ content }) => content),
    ["meanwhile", "after"],
  );
  after.close();
});

test("what nginx and the server could read differently smuggles no request in", async (t) => {
  const { world, direct } = await behind(t, settings["as documented"]);
  const host = new URL(world.base).host;
  const authorization = `Authorization: ${world.client.headers.authorization}\r\n`;
  const hidden = (/** @type {string} */ name) => {
    const body = JSON.stringify({ name: `smuggled ${name}` });
    return (
      `POST /api/projects HTTP/1.1\r\nHost: ${host}\r\n${authorization}` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    );
  };
  const chunked = (/** @type {string} */ bytes) => `${bytes.length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n`;
  /** @type {Record<string, (hidden: string) => string>} what follows "Content-Type: …\r\n" in the head, and the body */
  const ways = {
    "length before chunks": (text) =>
      `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${text}`,
    "chunks before length": (text) =>
      `Transfer-Encoding: chunked\r\nContent-Length: ${5 + text.length}\r\n\r\n0\r\n\r\n${text}`,
    "an unknown coding": (text) =>
      `Transfer-Encoding: xchunked\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    "two codings": (text) => `Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n${text}`,
    "a blank before the colon": (text) =>
      `Transfer-Encoding : chunked\r\nContent-Length: ${5 + text.length}\r\n\r\n0\r\n\r\n${text}`,
    "a folded line": (text) =>
      `Transfer-Encoding:\r\n chunked\r\nContent-Length: ${5 + text.length}\r\n\r\n0\r\n\r\n${text}`,
    "a bare carriage return": (text) =>
      `X: a\rTransfer-Encoding: chunked\r\nContent-Length: ${5 + text.length}\r\n\r\n0\r\n\r\n${text}`,
    "two lengths": (text) => `Content-Length: 2\r\nContent-Length: ${2 + text.length}\r\n\r\n{}${text}`,
    "a signed length": (text) => `Content-Length: +2\r\n\r\n{}${text}`,
    "a chunk size with a sign": (text) => `Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n${text}`,
    "a chunk extension with a line feed": (text) =>
      `Transfer-Encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n${text}`,
    "a whole request as a chunk": (text) => `Transfer-Encoding: chunked\r\n\r\n${chunked(text)}`,
    "a whole request as a body": (text) => `Content-Length: ${text.length}\r\n\r\n${text}`,
  };
  for (const [name, way] of Object.entries(ways)) {
    const head = `POST /api/login HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
    // The proxy ends the connection after the first request: what follows it may have been part of it, or nothing.
    const said = await new RawConnection(world.base).send(head + way(hidden(name))).rest();
    assert.ok(answersIn(said).length <= 1, `${name}: ${said}`);
    // Whoever uses the proxy's connection to the server next gets the answer to what they asked.
    const health = await fetch(`${world.base}/healthz`);
    assert.deepEqual([health.status, await health.json()], [200, { status: "ok" }], name);
  }
  await new RawConnection(world.base)
    .send(hidden("in the open").replace("\r\n", "\r\nConnection: close\r\n"))
    .rest();
  const { items } = await direct.get("/api/projects?limit=100");
  const names = items.map((/** @type {{ name: string }} */ one) => one.name);
  assert.deepEqual(
    names.filter((/** @type {string} */ name) => name.startsWith("smuggled")),
    ["smuggled in the open"],
  );
});

test("a listed proxy's clients are told apart, whatever they say of themselves", async (t) => {
  const { location, forwarded } = documented();
  const serve = ["--trusted-proxy", "127.0.0.1", "--requests-per-address", "5"];
  const { world } = await behind(t, { location: location + forwarded, serve });
  const ask = async (/** @type {string} */ from, /** @type {number} */ times) => {
    let refused = 0;
    for (let at = 0; at < times; ++at) {
      const connection = new RawConnection(world.base, from).send(
        `GET /healthz HTTP/1.1\r\nHost: ${new URL(world.base).host}\r\nX-Forwarded-For: 203.0.113.${at}\r\nConnection: close\r\n\r\n`,
      );
      if (answersIn(await connection.rest())[0].startsWith("HTTP/1.1 429 ")) ++refused;
    }
    return refused;
  };
  assert.ok((await ask("127.0.0.8", 40)) > 0, "one client has its number of requests");
  assert.equal(await ask("127.0.0.9", 5), 0, "another has its own");
});
