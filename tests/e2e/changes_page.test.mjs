// The workspace's changes beside the conversation, and the notes on them that go back to the agent.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { greeter } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

const bash = (/** @type {string} */ command) => `!tool Bash ${JSON.stringify({ command })}`;
const change = [
  bash("sed -i 's/Hello /Hello, /' greet.sh && printf 'one\\ntwo\\n' > notes.md && rm old.txt"),
  "!reply changed",
].join("\n");

/**
 * A session that has changed, added and deleted a file, its turn over.
 * @param {import("node:test").TestContext} t
 * @param {string} [prompt]
 */
async function changed(t, prompt = change) {
  const world = await startWorld(t);
  const project = await world.project("greeter", { ...greeter, "old.txt": "gone soon\n" });
  const session = await Session.start(world, project.id, prompt);
  await session.idle();
  return { world, session, place: `/projects/${project.id}/threads/${session.threadId}` };
}

const panelOf = (/** @type {Page} */ page) => page.getByRole("complementary", { name: "Changes" });
const entry = (/** @type {Page} */ page, /** @type {string} */ path) =>
  panelOf(page).getByRole("button", { name: path }).first();

test("a person reads what has changed, writes notes on lines, and the agent gets them as one message", async (t) => {
  const { world, session, place } = await changed(t);
  const browser = await world.browser();
  const page = await browser.login(place);
  await page.getByRole("button", { name: /^3 files/ }).waitFor();
  await page.keyboard.press("Shift+G");
  await entry(page, "greet.sh").waitFor();
  assert.match(page.url(), /changes=unified/);
  for (const [path, status] of [
    ["greet.sh", "modified"],
    ["notes.md", "added"],
    ["old.txt", "deleted"],
  ]) {
    assert.match(await entry(page, path).innerText(), new RegExp(status));
  }
  await panelOf(page).getByText("Nothing is pushed until you do it.").waitFor();
  await browser.screenshot(page, "1-unified");

  await panelOf(page).getByRole("button", { name: "Note on added line 1" }).first().click();
  await page.keyboard.type("Why the comma?");
  await page.reload();
  await panelOf(page)
    .getByRole("region", { name: /Your note on greet.sh/ })
    .getByText("Why the comma?")
    .waitFor();
  const diff = panelOf(page).getByRole("region", { name: /^Diff/ });
  await diff.focus();
  for (let step = 0; step < 4; step++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.type("And this one?");
  await panelOf(page).getByRole("button", { name: "Add note" }).click();
  await browser.screenshot(page, "2-notes");

  await panelOf(page).getByRole("button", { name: "Split" }).click();
  await page.waitForURL(/changes=split/);
  await panelOf(page).getByText("Why the comma?").waitFor();
  await browser.screenshot(page, "3-split");
  await panelOf(page).getByRole("button", { name: "Unified" }).click();

  const download = page.waitForEvent("download");
  await panelOf(page).getByRole("link", { name: "Patch" }).click();
  const patch = readFileSync(await (await download).path(), "utf8");
  assert.match(patch, /^diff --git a\/greet\.sh b\/greet\.sh/m);

  await panelOf(page).getByRole("button", { name: "Send 2 notes" }).click();
  const own = page.getByRole("article", { name: "You" }).filter({ hasText: "Notes on your changes:" });
  await own.getByText("Seen").waitFor();
  const message = (await session.history()).findLast((/** @type {any} */ one) => one.sender === "user");
  assert.match(message.content, /`greet\.sh:1`\n```sh\necho "Hello, \$1!"\n```\nWhy the comma\?/);
  assert.match(message.content, /And this one\?$/);
  // What was sent is no note any more.
  await panelOf(page)
    .getByRole("region", { name: /^Your note/ })
    .first()
    .waitFor({ state: "detached" });
});

test("the changes follow the agent while it works, and are a page of their own on the phone", async (t) => {
  const { world, session, place } = await changed(t, "!reply nothing yet");
  const browser = await world.browser();
  const page = await browser.login(`${place}?changes=unified`);
  await panelOf(page).getByText("Nothing has changed").waitFor();
  await browser.screenshot(page, "1-nothing");
  await session.say(`${bash("echo more > more.txt")}\n!hold gate\n!reply done`);
  await world.model.heldAt("gate");
  await entry(page, "more.txt").waitFor();
  await world.model.release("gate");
  await session.answer("done");

  const phone = await browser.login(place, { size: sizes.phone, theme: "light" });
  await phone.getByRole("button", { name: /^1 file/ }).click();
  await entry(phone, "more.txt").waitFor();
  const box = await panelOf(phone).boundingBox();
  assert.deepEqual(box && [box.x, box.y, box.width], [0, 0, sizes.phone.width]);
  await browser.screenshot(phone, "2-phone");
  await phone.goBack();
  await panelOf(phone).waitFor({ state: "hidden" });
  await phone.getByRole("textbox", { name: "Message Nori" }).waitFor();
});

test("a large change stays smooth: what is out of sight is not drawn", async (t) => {
  const { world, place } = await changed(
    t,
    `${bash("seq 1 200000 | sed 's/$/ a line of some length/' > a-large.txt; mkdir d; for i in $(seq 300); do echo $i > d/$i; done")}\n!reply done`,
  );
  const browser = await world.browser();
  const page = await browser.login(`${place}?changes=unified`);
  await entry(page, "a-large.txt").waitFor();
  await panelOf(page).getByRole("button", { name: "a-large.txt" }).first().click();
  await panelOf(page).getByText("1 a line of some length", { exact: true }).waitFor();
  const drawn = await panelOf(page).evaluate((panel) => panel.querySelectorAll("*").length);
  assert.ok(drawn < 3_000, `${drawn} elements`);
});
