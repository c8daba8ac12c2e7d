// The harness itself: a test that leans on it must not pass because the harness sees nothing.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Stream } from "./harness/api.mjs";
import { processesNaming } from "./harness/processes.mjs";
import { git, makeRepository } from "./harness/repository.mjs";
import { until } from "./harness/until.mjs";

/**
 * @param {import("node:test").TestContext} t
 * @param {import("node:http").RequestListener} answer
 */
async function serve(t, answer) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}

test("a process left behind is found by its folder, even when its command does not name it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "omakase-harness-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const child = spawn("tail", ["-f", "/dev/null"], { cwd: folder, env: { PATH: process.env.PATH } });
  await until("it is found", () => processesNaming(folder).some((line) => line.startsWith(`${child.pid} `)));
  child.kill();
  await once(child, "exit");
  assert.deepEqual(processesNaming(folder), []);
});

test("a stream is read across chunks, in order, and waits for what is still to come", async (t) => {
  const base = await serve(t, async (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(': connected\n\nid: 1\ndata: {"content":"caf');
    await new Promise((resolve) => setImmediate(resolve));
    response.write('é"}\n\nevent: state\ndata: {"busy":true}\n\n');
    await new Promise((resolve) => setImmediate(resolve));
    response.end('event: state\ndata: {"busy":false}\n\n');
  });
  const stream = new Stream(base, {});
  const first = await stream.message("a message", () => true);
  assert.deepEqual(first, { event: "message", id: "1", data: { content: "café" } });
  await stream.next("it is idle", (one) => one.event === "state" && !one.data.busy, { after: first });
  await assert.rejects(
    stream.next("what never comes", () => false),
    /the stream ended before: what never comes/,
  );
});

test("a fixture is a bare repository whose test fails", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "omakase-harness-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const bare = makeRepository(folder, "greeter");
  git(folder, "clone", "-q", bare, "clone");
  assert.ok(existsSync(join(folder, "clone/test.sh")));
  const tested = spawn("sh", ["test.sh"], { cwd: join(folder, "clone") });
  return once(tested, "exit").then(([code]) => assert.equal(code, 1));
});
