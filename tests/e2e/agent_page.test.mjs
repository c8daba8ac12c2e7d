// An agent's page: who it is and what it remembers, which a person changes, and what it has done.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

const region = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.getByRole("region", { name, exact: true });
const cardOf = (/** @type {Page} */ page, /** @type {string} */ name) =>
  region(page, "Mission Control").getByRole("article", { name });
const dialog = (/** @type {Page} */ page, /** @type {string} */ button) =>
  page.getByRole("dialog").getByRole("button", { name: button });
/** @param {Page} page @param {string} name the row of a number on an agent's page */
const number = (page, name) =>
  region(page, "Nori")
    .locator("dl > div")
    .filter({ has: page.getByText(name, { exact: true }) });

const ownWords = /brisk, cheerful and practical/;

test("a personality and a memory that were written on the page are what the next session knows", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const first = await Session.start(world, project.id, "!reply ready");
  await first.idle(await first.answer("ready"));
  assert.match(await world.model.lastRequestInFull(), ownWords);

  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}`);
  await cardOf(page, "Nori").getByRole("link", { name: "Nori" }).click();
  await page.waitForURL(/\/agents\/nori$/);
  await region(page, "Nori").getByText("Your turn").waitFor();
  const personality = region(page, "Personality");
  await personality.getByText(ownWords).waitFor();
  assert.equal(await personality.getByRole("button", { name: "Reset" }).count(), 0);

  await personality.getByRole("button", { name: "Edit" }).click();
  await personality
    .getByRole("textbox")
    .fill("# You are Nori, the baker\n\nYou smell of **cardamom**.\n\n```\nopen");
  await personality.locator("button:enabled", { hasText: "Save" }).click();
  await personality.getByText("Changed").waitFor();
  assert.equal(await personality.locator("strong").innerText(), "cardamom");
  const memories = region(page, "Memories");
  await memories.getByText("Nothing yet.").waitFor();
  for (const content of ["The cellar key hangs behind the clock.", "The bell is broken."]) {
    await memories.getByRole("textbox").fill(content);
    await memories.locator("button:enabled", { hasText: "Add it" }).click();
    await memories.getByRole("paragraph").filter({ hasText: content }).waitFor();
  }
  await memories.getByRole("button", { name: /^Delete the memory “The bell/ }).click();
  await dialog(page, "Delete it").click();
  await memories.getByText("The bell is broken.").waitFor({ state: "detached" });
  await browser.screenshot(page, "1-changed");

  await first.end();
  await region(page, "Nori").getByText("Asleep").waitFor();
  const second = await Session.start(world, project.id, "!reply and again");
  await second.idle(await second.answer("and again"));
  const told = await world.model.lastRequestInFull();
  assert.match(told, /You smell of \*\*cardamom\*\*/);
  assert.doesNotMatch(told, ownWords);
  assert.match(told, /Your role: coder/, "what is not closed swallows nothing");
  assert.match(told, /cellar key hangs behind the clock/);
  assert.doesNotMatch(told, /The bell is broken/);
  await second.end();

  await page.reload();
  await personality.getByRole("button", { name: "Reset" }).click();
  await dialog(page, "Reset it").click();
  await personality.getByText(ownWords).waitFor();
  assert.equal(await personality.getByText("Changed").count(), 0);
  // Half a text waits for who comes back, until they let go of it.
  await personality.getByRole("button", { name: "Edit" }).click();
  await personality.getByRole("textbox").fill("You smell of");
  await page.reload();
  assert.equal(await personality.getByRole("textbox").inputValue(), "You smell of");
  await personality.getByRole("button", { name: "Cancel" }).click();
  await personality.getByText(ownWords).waitFor();
  const third = await Session.start(world, project.id, "!reply once more");
  await third.idle(await third.answer("once more"));
  assert.match(await world.model.lastRequestInFull(), ownWords);
  assert.deepEqual(browser.complaints, []);
});

test("the page counts and lists what the agent has done, while a chat stays beside it", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const elsewhere = await world.project("elsewhere");
  const other = await Session.start(world, elsewhere.id, "!reply elsewhere");
  await other.idle(await other.answer("elsewhere"));
  await other.end();
  const run = { projectId: project.id, agentName: "nori" };
  const { run: failed } = await world.client.post("/api/agent-runs", run);
  const ended = { status: "failed", errorMessage: "The oven is cold." };
  await world.client.call("PATCH", `/api/agent-runs/${failed.id}`, ended);
  const session = await Session.start(world, project.id, "!reply I begin.\n!hold gate\n!reply And I end.");
  await world.client.call("PATCH", `/api/agents/nori/threads/${session.threadId}`, {
    title: "Knead the dough",
  });
  await world.model.heldAt("gate");

  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/agents/nori`);
  await region(page, "Nori").getByText("Coding").waitFor();
  await number(page, "Runs").getByText("3 in all projects").waitFor();
  assert.match(await number(page, "Runs").innerText(), /^Runs\s+2\s/);
  assert.match(await number(page, "Failed").innerText(), /^Failed\s+1\s/);
  const rows = region(page, "Runs").getByRole("row");
  await rows.nth(1).getByText("Coding").waitFor();
  await rows.nth(2).getByText("Failed").waitFor();
  await rows.nth(2).getByText("A program’s run").waitFor();
  assert.equal(await rows.count(), 3, "the head, and the runs of this project");

  await page.getByRole("button", { name: "Open the chat" }).click();
  const panel = page.getByRole("complementary", { name: "Chat with Nori" });
  await panel.getByText("I begin.", { exact: true }).waitFor();
  await browser.screenshot(page, "1-with-chat");
  await page.getByRole("link", { name: "Mission Control" }).click();
  await cardOf(page, "Toro").getByRole("link", { name: "Toro" }).click();
  await page.getByText("Toro has done nothing here yet.").waitFor();
  await panel.getByText("I begin.", { exact: true }).waitFor();
  await browser.screenshot(page, "2-asleep");

  await world.model.release("gate");
  await session.idle(await session.answer("I begin."));
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or command" }).fill("nori coder");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/agents\/nori$/);
  await session.end();
  await rows.nth(1).getByText("Ended").waitFor();
  await number(page, "Completed").getByText("2 in all projects").waitFor();

  const phone = await browser.login(`/projects/${project.id}/agents/nori`, {
    size: sizes.phone,
    theme: "light",
  });
  await region(phone, "Runs").getByRole("link", { name: "Knead the dough" }).waitFor();
  await browser.screenshot(phone, "3-phone");
  await region(page, "Runs").getByRole("link", { name: "Knead the dough" }).click();
  await page.getByRole("log").getByText("And I end.", { exact: true }).waitFor();
  const nobody = await browser.login(`/projects/${project.id}/agents/wasabi`);
  await nobody.getByRole("alert").getByText("Nobody of that name").waitFor();
  assert.deepEqual(browser.complaints, []);
});

test("a personality is a text of some size, and an agent's runs come in pages", async (t) => {
  const world = await startWorld(t);
  const path = "/api/agents/nori/personality";
  const refused = async (/** @type {unknown} */ body, /** @type {string} */ at = path) => {
    const { status, body: problem } = await world.client.call("PUT", at, body);
    return [status, problem.code];
  };
  assert.deepEqual(await refused({}), [400, "required"]);
  assert.deepEqual(await refused({ content: " \n" }), [400, "empty"]);
  assert.deepEqual(await refused({ content: "é".repeat(8 * 1024 + 1) }), [413, "content_too_large"]);
  assert.deepEqual(await refused({ content: "x" }, "/api/agents/wasabi/personality"), [
    404,
    "agent_not_found",
  ]);
  const { body: written } = await world.client.call("PUT", path, { content: "é".repeat(8 * 1024) });
  assert.equal(written.isDefault, false);
  const { body: reset } = await world.client.call("DELETE", path);
  assert.match(reset.content, ownWords);
  assert.deepEqual(reset, await world.client.get(path));

  const project = await world.client.post("/api/projects", { name: "tidewater" });
  const started = [];
  for (let at = 0; at < 3; ++at) {
    const body = { projectId: project.id, agentName: "nori" };
    started.unshift((await world.client.post("/api/agent-runs", body)).run.id);
  }
  const list = `/api/agents/nori/runs?projectId=${project.id}&limit=2`;
  const one = await world.client.get(list);
  const two = await world.client.get(`${list}&cursor=${encodeURIComponent(one.next)}`);
  assert.deepEqual(
    [...one.items, ...two.items].map(({ id }) => id),
    started,
  );
  assert.equal(two.next, null);
  assert.equal((await world.client.get("/api/agents/nori/stats")).runs, 3);
  assert.equal((await world.client.call("GET", "/api/agents/nori/stats?projectId=none")).status, 404);
});
