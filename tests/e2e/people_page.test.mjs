// People on the page: an administrator lets them in, each sees what is theirs and is offered what they may do, and is out at once.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { sizes } from "./harness/browser.mjs";
import { invite } from "./harness/people.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

const section = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.getByRole("region", { name, exact: true });

/** Presses what can be pressed. */
const press = (/** @type {Page | Locator} */ where, /** @type {string} */ name) =>
  where.getByRole("button", { name, exact: true }).and(where.locator(":enabled")).click();

/**
 * Adds a person on the settings page; the link that is shown for them.
 * @param {Page} page
 * @param {string} name
 * @param {string} role
 */
async function add(page, name, role) {
  const people = section(page, "People");
  await press(people, "Add a person");
  await people.getByRole("textbox", { name: "Name" }).fill(name);
  await people.getByLabel("Role", { exact: true }).selectOption({ label: role });
  await press(people, "Add and make a link");
  const row = people.getByRole("listitem", { name, exact: true });
  return (await row.getByText(/#login=/).textContent()) ?? "";
}

test("an administrator lets people in, who see what is theirs and are out at once", async (t) => {
  const world = await startWorld(t);
  const kitchen = await world.project("kitchen");
  const cellar = await world.project("cellar");
  const session = await Session.start(world, kitchen.id, "!reply The soup is ready.");
  await session.idle(await session.answer("The soup"));
  const browser = await world.browser();

  const admin = await browser.login("/");
  await admin.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
  const anasLink = await add(admin, "Ana", "Developer");
  const verasLink = await add(admin, "Vera", "Viewer");
  assert.match(anasLink, new RegExp(`^${world.base}/#login=`));
  await browser.screenshot(admin, "1-invited");
  await admin.goto(`${world.base}/projects/${kitchen.id}/settings`);
  const members = section(admin, "Members");
  for (const who of ["Ana, developer", "Vera, viewer"]) {
    await members.getByLabel("Person to add").selectOption({ label: who });
    await press(members, "Add");
    await members.getByText(who.split(",")[0], { exact: true }).waitFor();
  }
  await members.getByText("Everybody on this server sees this project.").waitFor();
  await browser.screenshot(admin, "2-members");

  const ana = await browser.page();
  await ana.goto(anasLink);
  const projects = ana.getByRole("region", { name: "Projects" });
  await projects.getByText("kitchen", { exact: true }).waitFor();
  assert.equal(await ana.getByText(cellar.name, { exact: true }).count(), 0);
  assert.equal(await ana.getByText("Before the first run").count(), 0, "the machine is not hers to mend");
  await browser.screenshot(ana, "3-developer");
  await ana.goto(`${world.base}/projects/${kitchen.id}/threads/${session.threadId}`);
  await ana.getByRole("textbox", { name: "Message Nori" }).fill("!reply Thank you, Ana.");
  await press(ana, "Send");
  await ana.getByRole("article", { name: "Nori" }).getByText("Thank you, Ana.").waitFor();
  await ana.goto(`${world.base}/projects/${kitchen.id}/settings`);
  await ana.getByText("are for an administrator to set").waitFor();
  assert.equal(await section(ana, "Trust").count(), 0);
  await browser.screenshot(ana, "4-developer-settings");

  const vera = await browser.page();
  await vera.goto(verasLink);
  await vera.getByRole("region", { name: "Projects" }).getByText("kitchen", { exact: true }).waitFor();
  assert.equal(await vera.getByRole("button", { name: /New project|Add your own/ }).count(), 0);
  await vera.goto(`${world.base}/projects/${kitchen.id}/threads/${session.threadId}`);
  await vera.getByRole("article", { name: "Nori" }).getByText("Thank you, Ana.").waitFor();
  await vera.getByText("You can read this conversation. Ask an administrator for more.").waitFor();
  assert.equal(await vera.getByRole("textbox").count(), 0);
  assert.equal(await vera.getByRole("link", { name: /New/ }).count(), 0);
  assert.equal(await vera.getByRole("button", { name: "End session" }).count(), 0);
  await browser.screenshot(vera, "5-viewer");
  const asks = '!tool Bash {"command":"touch one"}\n!reply done';
  await world.client.call("PATCH", `/api/work-sessions/${session.runId}`, { permissionMode: "ask" });
  await session.say(asks);
  const asked = vera.getByRole("region", { name: "Nori asks to run a command" });
  await asked.getByText("A developer of this project has to answer.").waitFor();
  assert.equal(await asked.getByRole("button").count(), 0);
  await browser.screenshot(vera, "6-viewer-asked");

  await admin.goto(`${world.base}/settings`);
  const people = section(admin, "People");
  await press(people, "Deactivate Vera");
  await browser.screenshot(admin, "7-deactivate");
  await press(admin.getByRole("dialog"), "Deactivate");
  await vera.getByRole("heading", { name: "Sign in to Omakase" }).waitFor();
  await people.getByText(/Viewer, deactivated/).waitFor();
  await press(people, "Bring Vera back");
  await people.getByLabel("Vera’s role").waitFor();
  await press(people, "Make a link for Vera");
  await people
    .getByRole("listitem", { name: "Vera" })
    .getByText(/#login=/)
    .waitFor();

  await people.getByLabel("Ana’s role").selectOption({ label: "Viewer" });
  await ana.reload();
  await ana.getByText("Developers and administrators set up the project.").waitFor();
  await session.end();
});

test("a token is made for a program, works, and is revoked", async (t) => {
  const world = await startWorld(t);
  const browser = await world.browser();
  const page = await browser.login("/settings");
  const tokens = section(page, "Your tokens");
  await tokens.getByText("None yet.").waitFor();
  await press(tokens, "Make a token");
  await tokens.getByRole("textbox", { name: "What it is for" }).fill("Nightly build");
  await tokens.getByLabel("Good for").selectOption({ label: "30 days" });
  await press(tokens, "Make it");
  const secret = (await tokens.getByText(/^omk_/).textContent()) ?? "";
  const program = new Api(world.base, secret);
  assert.equal((await program.get("/api/me")).id, "admin");
  await browser.screenshot(page, "1-token");
  await page.reload();
  await tokens.getByText(/Last used now · expires/).waitFor();
  assert.doesNotMatch(await page.content(), /omk_/, "it is shown once");
  await section(page, "Server").getByText("Ready").first().waitFor();
  await press(tokens, "Revoke Nightly build");
  await press(page.getByRole("dialog"), "Revoke it");
  await tokens.getByText("None yet.").waitFor();
  assert.equal((await program.call("GET", "/api/me")).status, 401);

  for (const name of ["Ana Lindqvist", "Ben"]) await invite(world, name, "developer");
  const light = await browser.login("/settings", { theme: "light" });
  await section(light, "People").getByRole("listitem", { name: "Ben" }).waitFor();
  await browser.screenshot(light, "2-light");
  const phone = await browser.login("/settings", { size: sizes.phone });
  await section(phone, "People").getByRole("listitem", { name: "Ben" }).waitFor();
  await browser.screenshot(phone, "3-phone");
});
