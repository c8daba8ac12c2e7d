// A private repository, on a git host of this test: the project's token opens it, and nobody gets to see the token.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { git, makeRepository } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

const token = "ghp_cassowary-8812";
const server = join(dirname(fileURLToPath(import.meta.url)), "../scripts/https_server.py");

/**
 * A git host with TLS, which the world's git trusts; the address of its repository.
 * @param {import("node:test").TestContext} t
 * @param {import("./harness/world.mjs").World} world
 */
async function gitHost(t, world) {
  const folder = mkdtempSync(join(tmpdir(), "omakase-git-host-"));
  makeRepository(folder, "shop");
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", ...names, ...made], { stdio: "ignore" });
  const host = spawn("/usr/bin/python3", [server, folder, key, certificate, join(folder, "asked")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => {
    host.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  host.stdin.end(`x-access-token:${token}\n`);
  const [port] = await once(host.stdout, "data");
  writeFileSync(join(world.home, ".gitconfig"), `[http]\n\tsslCAInfo = ${certificate}\n`);
  return `https://localhost:${String(port).trim()}/shop.git`;
}

test("a project's token opens its repository, and the agent and every file know nothing of it", async (t) => {
  const world = await startWorld(t, { serve: ["--log-level", "debug"] });
  const repoUrl = await gitHost(t, world);
  const project = await world.client.post("/api/projects", { name: "shop", repoUrl, gitToken: token });
  const look =
    "env; cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; cat ~/.git* .git/config; git fetch 2>&1; echo looked";
  const session = await Session.start(
    world,
    project.id,
    `!tool Bash ${JSON.stringify({ command: look })}\n!reply done`,
  );
  await session.answer("done");
  const history = JSON.stringify(await session.history());
  assert.match(history, /looked/);
  for (const shown of [
    history,
    JSON.stringify(session.stream.events),
    await world.model.lastRequestInFull(),
  ]) {
    assert.ok(!shown.includes("cassowary-8812"));
  }
  assert.equal(git(session.workspace, "remote", "get-url", "origin"), repoUrl);
  await session.end();
  const again = await Session.start(world, project.id, "!reply back");
  await again.answer("back");
  assert.ok(
    (await again.history()).some((/** @type {any} */ one) => one.content.startsWith("Fetched https://")),
  );
  const found = execFileSync("sh", [
    "-c",
    'grep -rlF cassowary-8812 "$@" || true',
    "sh",
    world.data,
    world.artifacts,
    world.home,
  ]);
  assert.equal(String(found), "", "in no file of the server, of the agent or of the operator, and in no log");
});

test("a token that the host refuses is told with what to do, and the next one works", async (t) => {
  const world = await startWorld(t);
  const repoUrl = await gitHost(t, world);
  const project = await world.client.post("/api/projects", {
    name: "shop",
    repoUrl,
    gitToken: "expired-0000",
  });
  const refused = await Session.start(world, project.id, "!reply never");
  const { data: error } = await refused.stream.message("the start fails", (one) => one.type === "error");
  assert.match(
    error.content,
    /^The token was refused by localhost:\d+: .* Replace it in the project's settings\.$/,
  );
  await refused.stream.next("the run ends", (one) => one.event === "close");
  const changed = await world.client.call("PATCH", `/api/projects/${project.id}`, { gitToken: token });
  assert.equal(changed.status, 200);
  const session = await Session.start(world, project.id, "!reply in");
  await session.answer("in");
  assert.match(readFileSync(join(session.workspace, "README.md"), "utf8"), /Greeter/);
});
