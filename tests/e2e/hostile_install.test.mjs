// A repository whose install is an attack on the machine: it is stopped, the conversation says why, and nobody else notices.
import assert from "node:assert/strict";
import { test } from "node:test";

import { processesNaming } from "./harness/processes.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** A package of npm's whose install script is this. */
const installing = (/** @type {string} */ script) => ({
  "package.json": JSON.stringify({
    name: "x",
    version: "1.0.0",
    scripts: { postinstall: "sh ./install.sh" },
  }),
  "package-lock.json": JSON.stringify({
    name: "x",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: { "": { name: "x", version: "1.0.0", hasInstallScript: true } },
  }),
  "install.sh": script,
});

test("an install that starts thousands of processes is ended, and other sessions go on meanwhile", async (t) => {
  const world = await startWorld(t);
  const bomb = "echo started; n=0; while [ $n -lt 2600 ]; do tail -f /dev/null & n=$((n + 1)); done; wait\n";
  const hostile = await world.project("hostile", installing(bomb));
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply here");
  await session.answer("here");

  const attacked = await Session.start(world, hostile.id, "!reply never");
  await attacked.stream.next(
    "the install has begun",
    (one) => one.event === "setup-output" && JSON.stringify(one.data).includes("started"),
  );
  await session.say("!reply still here");
  await session.answer("still here");
  assert.equal((await fetch(`${world.base}/healthz`)).status, 200);

  const { data: error } = await attacked.stream.message("it is told", (one) => one.type === "error", {
    milliseconds: 120_000,
  });
  assert.match(
    error.content,
    /^npm was installing the dependencies of the project, which started more than 2000 processes/,
  );
  await attacked.stream.next("the run ends", (one) => one.event === "close");
  const left = () => processesNaming(attacked.workspace).filter((line) => line.includes("tail"));
  await until("nothing of it is left", () => left().length === 0);
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
