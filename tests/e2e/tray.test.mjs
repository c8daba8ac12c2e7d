// The messages that wait, as a person changes them in the tray above the composer, in one browser and seen in another.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {import("playwright-core").Page} Page */

/**
 * A conversation whose agent is in the middle of a turn, open in a browser.
 * @param {import("node:test").TestContext} t
 */
async function heldPage(t) {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const prompt = '!reply I begin.\n!hold gate\n!tool Bash {"command": "echo worked"}\n!reply done';
  const session = await Session.start(world, project.id, prompt);
  await world.model.heldAt("gate");
  const browser = await world.browser();
  const place = `/projects/${project.id}/threads/${session.threadId}`;
  const page = await browser.login(place);
  await page.getByRole("article", { name: "Nori" }).getByText("I begin.").waitFor();
  return { world, session, browser, page, place };
}

const trayOf = (/** @type {Page} */ page) => page.getByRole("region", { name: "Waiting messages" });
const rowOf = (/** @type {Page} */ page, /** @type {string} */ text) =>
  trayOf(page).getByRole("listitem").filter({ hasText: text });
const composerOf = (/** @type {Page} */ page) => page.getByRole("textbox", { name: "Message Nori" });

/**
 * @param {Page} page
 * @param {string} text
 * @param {string} [keys]
 */
async function write(page, text, keys = "Enter") {
  await composerOf(page).fill(text);
  await composerOf(page).press(keys);
}

/**
 * Waits until the tray says so, from top to bottom.
 * @param {Page} page
 * @param {string[]} texts
 */
async function tray(page, texts) {
  await page.waitForFunction((wanted) => {
    const rows = [...document.querySelectorAll('[aria-label="Waiting messages"] li')];
    return (
      rows.length === wanted.length && rows.every((row, i) => row.textContent?.includes(wanted[i] ?? ""))
    );
  }, texts);
}

const told = async (/** @type {World} */ world) =>
  (await world.model.requests()).flatMap((one) => one.steered).join("\n");

test("what waits is moved, changed and withdrawn, and every browser shows it", async (t) => {
  const { world, session, browser, page, place } = await heldPage(t);
  for (const text of ["first thought", "second thought", "third thought"]) await write(page, text);
  await tray(page, ["first thought", "second thought", "third thought"]);
  await trayOf(page).getByText("Stored").waitFor();
  const other = await browser.login(place, { size: sizes.phone, theme: "light" });
  await trayOf(other)
    .getByRole("button", { name: /3 waiting/ })
    .click();
  await tray(other, ["first thought", "second thought", "third thought"]);

  await rowOf(page, "third thought").getByRole("button", { name: /^Move/ }).press("Alt+ArrowUp");
  for (const each of [page, other]) await tray(each, ["first thought", "third thought", "second thought"]);

  await composerOf(page).press("ArrowUp");
  await page.getByRole("textbox", { name: "Edit the waiting message" }).fill("second, improved");
  await browser.screenshot(page, "1-editing");
  await page.keyboard.press("Enter");
  for (const each of [page, other]) await tray(each, ["first thought", "third thought", "second, improved"]);
  await browser.screenshot(other, "2-on-the-phone");

  await rowOf(other, "first thought")
    .getByRole("button", { name: /withdraw/ })
    .click();
  await other.getByRole("menuitem", { name: "Withdraw" }).click();
  for (const each of [page, other]) await tray(each, ["third thought", "second, improved"]);
  await other.getByText("Withdrawn: the agent never sees it").waitFor();

  await world.model.release("gate");
  await session.answer("done");
  await trayOf(page).waitFor({ state: "hidden" });
  const text = await told(world);
  assert.ok(!text.includes("first thought") && !text.includes("second thought"), text);
  assert.ok(text.indexOf("third thought") < text.indexOf("second, improved"), text);
  const own = page.getByRole("article", { name: "You" });
  await own.filter({ hasText: "second, improved" }).getByText("Seen").waitFor();
  assert.equal(await own.filter({ hasText: "first thought" }).count(), 0);
});

test("a message is held back until the turn ends, or sent at once", async (t) => {
  const { world, session, browser, page } = await heldPage(t);
  await composerOf(page).fill("!reply after the turn");
  await page.getByRole("button", { name: "When to send" }).click();
  await browser.screenshot(page, "1-when");
  await page.getByRole("menuitem", { name: /Hold back/ }).click();
  await rowOf(page, "after the turn").getByText("held back").waitFor();
  await rowOf(page, "after the turn")
    .getByRole("button", { name: /hold back or withdraw/ })
    .click();
  await page.getByRole("menuitem", { name: /Let go/ }).click();
  await rowOf(page, "after the turn").getByText("held back").waitFor({ state: "hidden" });
  await rowOf(page, "after the turn")
    .getByRole("button", { name: /hold back or withdraw/ })
    .click();
  await page.getByRole("menuitem", { name: /Hold back/ }).click();
  await rowOf(page, "after the turn").getByText("held back").waitFor();

  await write(page, "!reply at once", "Control+Enter");
  const said = page.getByRole("article", { name: "Nori" });
  await said.getByText("at once", { exact: true }).waitFor();
  await said.getByText("after the turn", { exact: true }).waitFor();
  await page.getByRole("main").getByText("Your turn").waitFor();
  assert.equal(await said.getByText("done", { exact: true }).count(), 0, "the turn was stopped");
  await session.answer("after the turn");
  await browser.screenshot(page, "2-answered");
  assert.equal(await told(world), "");
});

test("a change that comes too late is not lost: it stands in the composer", async (t) => {
  const { world, session, browser, page } = await heldPage(t);
  await write(page, "as it was");
  await rowOf(page, "as it was").hover();
  await rowOf(page, "as it was").getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: "Edit the waiting message" }).fill("as it should be");
  await world.model.release("gate");
  await session.answer("done");
  await trayOf(page).waitFor({ state: "hidden" });
  const own = page.getByRole("article", { name: "You" }).filter({ hasText: "as it was" });
  await own.getByText("Seen").waitFor();
  assert.equal(await composerOf(page).inputValue(), "as it should be");
  await page.getByText("Too late: Nori has it as it was.").waitFor();
  await browser.screenshot(page, "1-too-late");
});
