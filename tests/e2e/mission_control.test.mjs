// A project's pages: the team at work, live, with a chat beside whatever is open.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

const cardOf = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.getByRole("region", { name: "Mission Control" }).getByRole("article", { name });
const panelOf = (/** @type {Page} */ page) => page.getByRole("complementary", { name: "Chat with Nori" });
const tab = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.getByRole("navigation", { name: "Project", exact: true }).getByRole("link", { name });
const widthOf = (/** @type {Page} */ page) =>
  page.getByRole("main").evaluate((main) => main.getBoundingClientRect().width);

test("a working agent's card opens its chat, which stays beside every tab and over a reload", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply I begin.\n!hold gate\n!reply And I end.");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}`);
  await world.model.heldAt("gate");

  await cardOf(page, "Nori").getByText("Coding", { exact: true }).waitFor();
  await cardOf(page, "Nori").getByText("Started coding").waitFor();
  assert.equal(
    await cardOf(page, "Miso").getByRole("button").count(),
    0,
    "an idle agent's card opens nothing",
  );
  await page.getByRole("article", { name: "Miso" }).getByText("Asleep").waitFor();
  await page.getByText("1 working").waitFor();
  const full = await widthOf(page);
  await browser.screenshot(page, "1-mission-control");

  await cardOf(page, "Nori").click();
  await panelOf(page).getByText("I begin.", { exact: true }).waitFor();
  await until("the page has made room", async () => full - (await widthOf(page)) > 390);
  await browser.screenshot(page, "2-panel");
  await panelOf(page).getByRole("textbox", { name: "Message Nori" }).fill("and mind the comma");
  await panelOf(page).getByRole("textbox", { name: "Message Nori" }).press("Enter");
  await panelOf(page)
    .getByRole("region", { name: "Waiting messages" })
    .getByText("and mind the comma")
    .waitFor();
  await cardOf(page, "Nori").getByText("A person’s message").waitFor();

  await tab(page, "Logs").click();
  await page.waitForURL(/\/logs\?chat=/);
  await panelOf(page).getByText("I begin.", { exact: true }).waitFor();
  await page.reload();
  await panelOf(page).getByText("I begin.", { exact: true }).waitFor();
  await world.model.release("gate");
  await panelOf(page).getByText("And I end.", { exact: true }).waitFor();
  await tab(page, "Agents").click();
  await cardOf(page, "Nori").getByText("Your turn").waitFor();

  await page.keyboard.press("Escape");
  await panelOf(page).waitFor({ state: "detached" });
  await until("the page has its width back", async () => (await widthOf(page)) === full);
  assert.equal(new URL(page.url()).search, "");

  await world.client.call("DELETE", `/api/work-sessions/${session.runId}`);
  await page.getByRole("article", { name: "Nori" }).getByText("Asleep").waitFor();
  await page.getByRole("region", { name: "Earlier" }).getByRole("row").nth(1).getByText("Ended").waitFor();
  await browser.screenshot(page, "3-earlier");
  assert.deepEqual(browser.complaints, []);
});

test("a question shows on the card at once, and is answered in the panel", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}`, { theme: "light" });
  await page.getByText("Everybody is asleep").waitFor();
  await page.getByText("Nori has done nothing here yet").waitFor();
  await browser.screenshot(page, "1-asleep-light");

  const started = await world.client.post("/api/agents/nori/work-sessions", {
    projectId: project.id,
    prompt: '!tool Bash {"command": "touch one.txt"}\n!reply done',
    permissionMode: "ask",
  });
  const session = new Session(world, { projectId: project.id, ...started });
  await cardOf(page, "Nori").getByText("Needs you").waitFor();
  await cardOf(page, "Nori").getByText("Asks permission").waitFor();
  await page.getByText("1 needs you").waitFor();
  assert.match(await page.title(), /^Needs you · Agents · greeter/);

  const phone = await browser.login(`/projects/${project.id}`, { size: sizes.phone });
  await cardOf(phone, "Nori").click();
  await panelOf(phone)
    .getByRole("region", { name: /^Nori asks/ })
    .waitFor();
  await browser.screenshot(phone, "2-phone-sheet");

  await cardOf(page, "Nori").click();
  const card = panelOf(page).getByRole("region", { name: /^Nori asks/ });
  await card.getByText("touch one.txt").waitFor();
  await browser.screenshot(page, "3-asks-light");
  await card.getByRole("button", { name: "Allow once" }).click();
  await session.answer("done");
  await cardOf(page, "Nori").getByText("Your turn").waitFor();
  await cardOf(phone, "Nori").getByText("Your turn").waitFor();
  await panelOf(phone).getByRole("button", { name: "Close the chat" }).click();
  await panelOf(phone).waitFor({ state: "detached" });
  await browser.screenshot(phone, "4-phone");
  await phone.getByRole("button", { name: "More" }).click();
  await phone.getByRole("menuitem", { name: "Settings" }).click();
  await phone.getByRole("heading", { name: "Settings" }).waitFor();
  assert.deepEqual(browser.complaints, []);
});

/** How many streams the server has open. @param {import("./harness/world.mjs").World} world */
async function streams(world) {
  const text = await (await fetch(`${world.base}/metrics`, { headers: world.client.headers })).text();
  return Number(text.match(/^omakase_streams (\d+)/m)?.[1]);
}

test("ten pages are live over one connection, and find their server again", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply ready");
  await session.answer("ready");
  const before = await streams(world);
  const browser = await world.browser();
  const first = await browser.login(`/projects/${project.id}?chat=${session.threadId}`);
  await panelOf(first).getByText("ready", { exact: true }).waitFor();
  await until("its one stream is open", async () => (await streams(world)) === before + 1);

  const pages = [first];
  while (pages.length < 10) {
    const page = await first.context().newPage();
    const places = [
      `?chat=${session.threadId}`,
      `/logs?chat=${session.threadId}`,
      `/threads/${session.threadId}`,
    ];
    await page.goto(`${world.base}/projects/${project.id}${places[pages.length % 3]}`);
    await page.getByRole("log").getByText("ready", { exact: true }).waitFor();
    pages.push(page);
  }
  await session.say("!reply And on.");
  for (const page of pages) await page.getByRole("log").getByText("And on.", { exact: true }).waitFor();
  assert.equal(await streams(world), before + 1);

  await world.killServer();
  for (const page of pages) await page.getByText("Reconnecting…").waitFor();
  await world.startServer();
  for (const page of pages) await page.getByText("Reconnecting…").waitFor({ state: "detached" });
  await session.say("!reply And further.");
  for (const page of pages) {
    const log = page.getByRole("log");
    await log.getByText("And further.", { exact: true }).waitFor();
    assert.equal(await log.getByText("ready", { exact: true }).count(), 1);
  }
  await cardOf(first, "Nori").getByText("And further.").waitFor();

  for (const page of pages.slice(1)) await page.close();
  await first.goto("about:blank");
  await until("nobody follows anything", async () => (await streams(world)) === 0);
});
