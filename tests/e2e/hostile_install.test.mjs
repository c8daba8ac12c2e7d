// A repository whose install prints without end: the conversation shows its beginning, its end and why it failed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
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
