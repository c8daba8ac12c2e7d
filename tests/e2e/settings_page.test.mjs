// A project's settings, and how a conversation is set: its mode, what the agent may do unasked, its model.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

const section = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.getByRole("region", { name, exact: true });

test("a project is set: its secrets are written and never shown, and trust asks first", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}`);
  await page
    .getByRole("navigation", { name: "Project", exact: true })
    .getByRole("link", { name: "Settings" })
    .click();

  const repository = section(page, "Repository");
  await repository.getByRole("textbox", { name: "Name" }).fill("harbour");
  await repository.getByRole("button", { name: "Save" }).click();
  await repository.getByText("Saved.").waitFor();

  const token = section(page, "Access token");
  await token.getByRole("button", { name: "Add a token" }).click();
  await token.getByLabel("Token", { exact: true }).fill("a-token-that-nobody-reads");
  await token.getByRole("button", { name: "Keep it" }).click();
  await token.getByText("A token is kept").waitFor();

  const variables = section(page, "Variables");
  await variables.getByRole("button", { name: "Add a variable" }).click();
  await variables.getByRole("textbox", { name: "Name" }).fill("PATH");
  await variables.getByRole("textbox", { name: "Value" }).fill("a-value-that-nobody-reads");
  await variables.getByRole("button", { name: "Keep it" }).click();
  await variables.getByRole("alert").waitFor();
  await variables.getByRole("textbox", { name: "Name" }).fill("DATABASE_URL");
  await variables.getByRole("button", { name: "Keep it" }).click();
  await variables.getByText("DATABASE_URL").waitFor();

  await section(page, "Network")
    .getByRole("radio", { name: /The model only/ })
    .check();
  await section(page, "Trust").getByRole("button", { name: "Trust this repository…" }).click();
  await browser.screenshot(page, "1-trust");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await section(page, "Trust").getByText("do not run").waitFor();
  const models = section(page, "Models");
  await models.getByRole("textbox", { name: "Miso’s model" }).fill("a-model");
  await models.getByRole("textbox", { name: "Miso’s model" }).press("Enter");
  await models.getByRole("button", { name: "Save" }).first().and(page.locator(":disabled")).waitFor();

  await page.reload();
  await section(page, "Variables").getByText("DATABASE_URL").waitFor();
  await section(page, "Access token").getByText("A token is kept").waitFor();
  assert.doesNotMatch(await page.content(), /that-nobody-reads/);
  await browser.screenshot(page, "2-settings");
  const stored = await world.client.get(`/api/projects/${project.id}`);
  assert.equal(stored.name, "harbour");
  assert.equal(stored.agentNetwork, "model");
  assert.equal(stored.trustRepository, false);
  assert.equal((await world.client.get("/api/agents")).items[0].model, "a-model");

  await section(page, "Variables").getByRole("button", { name: "Remove DATABASE_URL" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
  await section(page, "Variables").getByText("None yet.").waitFor();
  const phone = await browser.login(`/projects/${project.id}/settings`, {
    size: sizes.phone,
    theme: "light",
  });
  await section(phone, "Models").waitFor();
  await browser.screenshot(phone, "3-phone");
});

test("what was always allowed is listed, and can be asked again", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply ready");
  await session.answer("ready");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${session.threadId}`);
  await page.getByRole("button", { name: /^Permission mode/ }).click();
  await page.getByRole("menuitemradio", { name: /Asks first/ }).waitFor();
  await browser.screenshot(page, "1-modes");
  await page.getByRole("menuitemradio", { name: /Asks first/ }).click();
  await page.getByRole("button", { name: "Permission mode: Asks first" }).waitFor();
  const again = '!tool Bash {"command": "touch here"}\n!reply touched';
  await session.say(again);
  const card = page.getByRole("region", { name: /^Nori asks/ });
  await card.getByRole("button", { name: "More answers" }).click();
  await page.getByRole("menuitem", { name: /Always allow exactly this/ }).click();
  await session.answer("touched");

  await page.goto(`${world.base}/projects/${project.id}/settings`);
  const rules = section(page, "Always allowed");
  await rules.getByText("touch here").waitFor();
  await rules.getByRole("button", { name: "Ask again for touch here" }).click();
  await rules.getByText("every consent was for once or for a session").waitFor();
});

test("a conversation switches to chat when its agent is idle, and says so when it is not", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!hold gate\n!reply worked");
  await world.model.heldAt("gate");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${session.threadId}`);
  await page.getByRole("radio", { name: "Chat" }).click();
  await page.getByText("its mode can be switched when that is over").waitFor();
  await browser.screenshot(page, "1-busy");
  await world.model.release("gate");
  await page.getByRole("main").getByText("Your turn").waitFor();
  await page.getByRole("radio", { name: "Chat" }).click();
  await page.locator("main header").first().getByText("reads only").waitFor();
  await page.getByRole("textbox", { name: "Message Nori" }).fill("!reply only reading now");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("article", { name: "Nori" }).getByText("only reading now").waitFor();
  await browser.screenshot(page, "2-chat");
  assert.equal(await page.getByRole("button", { name: /^Permission mode/ }).count(), 0);
  await page.getByRole("article", { name: "Nori" }).getByText("worked").waitFor();
});
