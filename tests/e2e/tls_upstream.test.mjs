// A model behind TLS whose certificate comes from a CA of one's own, as companies have it: named in SSL_CERT_FILE it is trusted,
// and a certificate that does not fit ends the turn at once, with what to do.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("node:test").TestContext} TestContext */

/**
 * A CA, and a certificate by it for one host name: the paths of its files.
 * @param {TestContext} t
 * @param {string} host
 */
function makeCertificate(t, host) {
  const folder = mkdtempSync(join(tmpdir(), "omakase-ca-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const openssl = (/** @type {string[]} */ ...args) =>
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...args], {
      cwd: folder,
      stdio: "ignore",
    });
  openssl("-subj", "/CN=A CA of our own", "-keyout", "ca.key", "-out", "ca.pem");
  const name = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  openssl(...name, "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.pem");
  const file = (/** @type {string} */ one) => join(folder, one);
  return { ca: file("ca.pem"), key: file("server.key"), certificate: file("server.pem") };
}

/**
 * Puts TLS before the scripted model. When `hold` is set, the first answer stops in the middle until it is let go on.
 * @param {TestContext} t
 * @param {{ key: string, certificate: string }} files
 */
function tlsFront(t, files) {
  /** @type {() => void} */
  let letGoOn = () => {};
  const released = new Promise((/** @type {(value: void) => void} */ resolve) => (letGoOn = resolve));
  const front = async (/** @type {string} */ model) => {
    const server = createServer(
      { key: readFileSync(files.key), cert: readFileSync(files.certificate) },
      (asked, answer) => {
        const { method, headers } = asked;
        const onward = request(`${model}${asked.url}`, { method, headers }, async (response) => {
          answer.writeHead(response.statusCode ?? 502, response.headers);
          for await (const piece of response) {
            answer.write(piece);
            if (String(piece).includes("content_block_delta")) await released;
          }
          answer.end();
        });
        asked.pipe(onward);
      },
    );
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = /** @type {import("node:net").AddressInfo} */ (server.address());
    return `https://localhost:${address.port}`;
  };
  return { front, letGoOn };
}

test("a model whose certificate is from the CA in SSL_CERT_FILE is asked, and what it says is shown as it says it", async (t) => {
  const files = makeCertificate(t, "localhost");
  const { front, letGoOn } = tlsFront(t, files);
  const world = await startWorld(t, { front, variables: { SSL_CERT_FILE: files.ca } });
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!slow 20 10\n!reply to the end");
  await session.stream.next("words come while the answer is held", (one) => one.event === "content-delta");
  letGoOn();
  const whole = (/** @type {any} */ one) => /w1 .*w20\s*to the end/.test(one.content);
  await session.idle(await session.stream.message("the whole answer", whole));
  assert.deepEqual(await session.errors(), []);
});

for (const [what, host, trusted] of /** @type {[string, string, boolean][]} */ ([
  ["is from a CA that nobody named", "localhost", false],
  ["is another host's", "elsewhere.example", true],
])) {
  test(`a certificate that ${what} is refused at once, and the chat says what to do`, async (t) => {
    const files = makeCertificate(t, host);
    const { front } = tlsFront(t, files);
    const world = await startWorld(t, { front, variables: trusted ? { SSL_CERT_FILE: files.ca } : {} });
    const project = await world.project("greeter");
    const session = await Session.start(world, project.id, "!reply never");
    const refusal = await session.stream.message("the refusal", (one) => one.type === "error");
    assert.match(refusal.data.content, /certificate/i);
    assert.match(refusal.data.content, /SSL_CERT_FILE/);
    await session.idle(refusal);
    assert.deepEqual(await world.model.requests(), [], "nothing was asked, and the key was shown to nobody");
    const told = (await session.history()).map((/** @type {any} */ one) => one.content).join("\n");
    assert.doesNotMatch(told, /trying again/, "asking again would help nobody");
  });
}
