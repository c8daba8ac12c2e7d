// What a person should mind while an agent works stands on the page: its silence, and how little it is held.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

const placeOf = (/** @type {Session} */ session) =>
  `/projects/${session.projectId}/threads/${session.threadId}`;

test("a person sees that nothing comes, for how long, when it is stopped, and stops it earlier", async (t) => {
  const world = await startWorld(t, { serve: ["--silence-notice", "1", "--silence-limit", "3540"] });
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!text Once upon a\n!hang");
  const browser = await world.browser();
  const page = await browser.login(placeOf(session));
  const silence = page.getByRole("status", { name: "Silence" });
  await silence.getByText(/Silent for .* · waiting for the model · stops at 59 min/).waitFor();
  await browser.screenshot(page, "1-silent");
  const phone = await browser.login(placeOf(session), { size: sizes.phone, theme: "light" });
  await phone.getByRole("status", { name: "Silence" }).waitFor();
  await browser.screenshot(phone, "2-phone");
  await silence.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Stopped by you").first().waitFor();
  await silence.waitFor({ state: "detached" });
  assert.deepEqual(await session.errors(), [], "a stop is no error");
});

test("a person sees when an agent has no sandbox and an open network, and what that means", async (t) => {
  const world = await startWorld(t, { serve: ["--sandbox", "off"] });
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply here");
  await session.answer("here");
  const browser = await world.browser();
  const page = await browser.login(placeOf(session));
  const cautions = page.getByRole("button", { name: "No sandbox · Open network" });
  await cautions.click();
  await page.getByText("The agent can read and change whatever the server’s own user can.").waitFor();
  await page.getByText("What the agent runs reaches the services of this machine too.").waitFor();
  await browser.screenshot(page, "1-cautions");
  await cautions.click();
  await page.getByText("whatever the server’s own user can").waitFor({ state: "detached" });
});

test("a session that is held as it is meant to be cautions nobody, from its first moment on", async (t) => {
  const world = await startWorld(t, { serve: ["--agent-network", "model"] });
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!hold gate\n!reply here");
  const browser = await world.browser();
  const page = await browser.login(placeOf(session));
  await page.getByRole("button", { name: "Stop" }).waitFor();
  const early = await world.client.get(`/api/work-sessions/${session.runId}`);
  assert.equal(early.network, "model");
  assert.equal(await page.getByRole("button", { name: /network|sandbox/ }).count(), 0);
  await world.model.heldAt("gate");
  await world.model.release("gate");
  await session.answer("here");
  await page.getByRole("meter", { name: "Context used" }).waitFor(); // what a caution would stand beside
  assert.equal(await page.getByRole("button", { name: /network|sandbox/ }).count(), 0);
});
