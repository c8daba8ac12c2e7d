// Repositories whose install scripts mean harm, or are loud: they reach nothing of this machine that an agent would not, and the
// conversation says what happened.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { listen, missing, otherAddress } from "./harness/network.mjs";
import { git } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("node:test").TestContext} TestContext */

/**
 * A package of npm's whose install script is this, and what it depends on.
 * @param {string} script
 * @param {Record<string, { version: string, resolved: string }>} [dependencies]
 */
function installing(script, dependencies = {}) {
  const versions = Object.fromEntries(
    Object.entries(dependencies).map(([name, { version }]) => [name, version]),
  );
  const packages = Object.fromEntries(
    Object.entries(dependencies).map(([name, one]) => [`node_modules/${name}`, one]),
  );
  const root = { name: "x", version: "1.0.0", dependencies: versions };
  return {
    "package.json": JSON.stringify({ ...root, scripts: { postinstall: "sh ./install.sh" } }),
    "package-lock.json": JSON.stringify({
      name: "x",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: { "": { ...root, hasInstallScript: true }, ...packages },
    }),
    "install.sh": script,
  };
}

/** In Python: tries what `aim.json` names, and writes what came of it. */
const intruder = `
import ctypes, json, os, socket
aim = json.load(open("aim.json"))
libc = ctypes.CDLL(None, use_errno=True)

def connect(address, port):
    with socket.create_connection((address, port), 5):
        return "reached"

def abstract(name):
    for form in ["\\0" + name, ("\\0" + name).ljust(108, "\\0")]:  # some Nodes fill the whole address
        try:
            with socket.socket(socket.AF_UNIX) as reached:
                reached.connect(form)
                return "reached"
        except OSError as error:
            refusal = error
    raise refusal

def call(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "done"

got = {}
for attempt, act in {
    "loopback": lambda: connect("127.0.0.1", aim["port"]),
    "other address": lambda: connect(aim["address"], aim["port"]),
    "gateway": lambda: connect("10.0.2.2", aim["port"]),
    "clouds metadata": lambda: connect("169.254.169.254", 80),
    "abstract socket": lambda: abstract(aim["abstract"]),
    "new user name space": lambda: call(libc.unshare(0x10000000)),
    "log of the kernel": lambda: call(libc.klogctl(3, ctypes.create_string_buffer(64), 64)),
}.items():
    try:
        got[attempt] = act()
    except OSError as error:
        got[attempt] = f"refused: {error}"
json.dump(got, open("got.json", "w"))
`;

/** What hostile scripts aim at, and how many have got through. */
async function target(/** @type {TestContext} */ t) {
  const seen = { connections: 0 };
  const count = () => createServer((socket) => (seen.connections++, socket.destroy()));
  const address = await listen(t, count(), "0.0.0.0");
  const abstract = `omakase-install-${process.pid}-${Date.now()}`;
  const unnamed = count().listen(`\0${abstract}`);
  t.after(() => unnamed.close());
  const aim = { port: Number(new URL(address).port), address: otherAddress() ?? "127.0.0.1", abstract };
  return { aim, seen };
}

for (const network of ["internet", "model", "open"]) {
  test(`an install script reaches what an agent may, with the network "${network}"`, async (t) => {
    const why = await missing(network);
    if (why) return t.skip(why);
    const world = await startWorld(t, { serve: ["--agent-network", network, "--sandbox", "on"] });
    const { aim, seen } = await target(t);
    const project = await world.project("intruder", {
      ...installing("/usr/bin/python3 intruder.py\n"),
      "intruder.py": intruder,
      "aim.json": JSON.stringify(aim),
    });
    const session = await Session.start(world, project.id, "!reply ready");
    await session.answer("ready");
    /** @type {Record<string, string>} */
    const got = JSON.parse(readFileSync(join(session.workspace, "got.json"), "utf8"));
    for (const [attempt, came] of Object.entries(got)) t.diagnostic(`${attempt.padEnd(20)} ${came}`);
    for (const attempt of ["new user name space", "log of the kernel"]) {
      assert.match(got[attempt], /^refused: .*Operation not permitted/, attempt);
    }
    if (network === "open") {
      assert.equal(got.loopback, "reached");
      assert.equal(got["abstract socket"], "reached");
      return;
    }
    for (const [attempt, came] of Object.entries(got)) assert.match(came, /^refused: /, attempt);
    assert.equal(seen.connections, 0);
  });
}

test("what the workspace's git configuration runs at a set-up reaches nothing, whatever the network", async (t) => {
  const why = await missing("model");
  if (why) return t.skip(why);
  const world = await startWorld(t, { serve: ["--agent-network", "open", "--sandbox", "on"] });
  const { aim, seen } = await target(t);
  const project = await world.project("filtered");
  const first = await Session.start(world, project.id, "!reply ready");
  await first.answer("ready");
  await first.end();
  writeFileSync(join(first.workspace, "aim.json"), JSON.stringify(aim));
  writeFileSync(join(first.workspace, "intruder.py"), intruder);
  // The agent's own git runs it too, with the agent's network.
  const filter = 'test "$GIT_ALLOW_PROTOCOL" != file || /usr/bin/python3 intruder.py; cat';
  git(first.workspace, "config", "filter.x.clean", filter);
  writeFileSync(join(first.workspace, ".gitattributes"), "*.md filter=x\n");
  // As long as it was, so that git has to read it to know.
  const readme = readFileSync(join(first.workspace, "README.md"), "latin1");
  writeFileSync(join(first.workspace, "README.md"), readme.replace("Greeter", "Greeted"));
  const second = await Session.start(world, project.id, "!reply again");
  await second.answer("again");
  assert.ok(existsSync(join(first.workspace, "got.json")), "the filter ran");
  /** @type {Record<string, string>} */
  const got = JSON.parse(readFileSync(join(first.workspace, "got.json"), "utf8"));
  for (const [attempt, came] of Object.entries(got)) assert.match(came, /^refused: /, attempt);
  assert.equal(seen.connections, 0);
});

test('an install that needs the internet fails with the network "model", and the last word says so', async (t) => {
  const why = await missing("model");
  if (why) return t.skip(why);
  const world = await startWorld(t, { serve: ["--sandbox", "on"] });
  const left = { version: "1.0.0", resolved: "https://registry.npmjs.org/left/-/left-1.0.0.tgz" };
  const project = await world.project("needy", installing("true\n", { left }));
  await world.client.call("PATCH", `/api/projects/${project.id}`, { agentNetwork: "model" });
  const session = await Session.start(world, project.id, "!reply never");
  const { data: error } = await session.stream.message("it is told", (one) => one.type === "error", {
    milliseconds: 120_000,
  });
  assert.match(error.content, /^npm could not install the dependencies of the project/);
  assert.match(error.content, /The project's network is set to the model only/);
});

test("a network that cannot be had is refused before anything is cloned", async (t) => {
  const world = await startWorld(t, { serve: ["--sandbox", "off"] });
  const project = await world.project("nowhere");
  await world.client.call("PATCH", `/api/projects/${project.id}`, { agentNetwork: "internet" });
  const session = await Session.start(world, project.id, "!reply never");
  const { data: error } = await session.stream.message("it is told", (one) => one.type === "error");
  assert.match(error.content, /The network "internet" cannot be had here: The sandbox is switched off\./);
  assert.ok(!existsSync(session.workspace));
});

test("an install that is stopped leaves nothing in its sandbox or beside it", async (t) => {
  const world = await startWorld(t, { serve: ["--install-timeout", "3"] });
  const script = "setsid -f tail -f /dev/null; trap '' TERM; tail -f /dev/null & tail -f /dev/null\n";
  const project = await world.project("stubborn", installing(script));
  const session = await Session.start(world, project.id, "!reply never");
  const { data: error } = await session.stream.message("it is told", (one) => one.type === "error", {
    milliseconds: 120_000,
  });
  assert.match(
    error.content,
    /^npm did not finish installing the dependencies of the project within 3 seconds/,
  );
  // That nothing is left, the world's end asserts.
});

test("an install that prints without end and fails is shown with its beginning and its last lines", async (t) => {
  const world = await startWorld(t);
  const flood = "seq 1 200000; echo the reason; exit 3\n";
  const project = await world.project("flood", installing(flood));
  const session = await Session.start(world, project.id, "!reply never");
  const { data: error } = await session.stream.message("it is told", (one) => one.type === "error", {
    milliseconds: 120_000,
  });
  assert.match(error.content, /^npm could not install the dependencies of the project \(exit code 3\)/);
  assert.match(error.setup.output, /the reason/);
});
