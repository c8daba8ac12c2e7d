// The Log Viewer: what every agent of a project writes, live, to be followed, held back, searched and kept.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { sizes } from "./harness/browser.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {{ message: string, level?: string, source?: string, timestamp?: string }} Line */

const logOf = (/** @type {Page} */ page) => page.getByRole("log", { name: "Log lines" });
const lineOf = (/** @type {Page} */ page, /** @type {string} */ text) =>
  logOf(page).locator("[data-line]", { hasText: text });
const searchOf = (/** @type {Page} */ page) => page.getByRole("searchbox", { name: "Search the log" });
const chipOf = (/** @type {Page} */ page, /** @type {string} */ name) =>
  page.getByRole("group", { name: "Agents" }).getByRole("button", { name, exact: true });
const stateOf = (/** @type {Page} */ page) => page.getByRole("region", { name: "Logs" }).getByRole("status");
const atEnd = (/** @type {Page} */ page) =>
  logOf(page).evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 5);

/** The numbers of the lines that are drawn, from top to bottom. @param {Page} page */
async function numbersOf(page) {
  const rows = await logOf(page)
    .locator("[data-line]")
    .evaluateAll((found) =>
      found
        .map((row) => ({ at: Number(row.dataset.index), text: row.textContent ?? "" }))
        .sort((a, b) => a.at - b.at)
        .map(({ text }) => text),
    );
  return rows.map((text) => Number(text.match(/Line (\d+)\./)?.[1]));
}

/**
 * A program that works as one of the team, in a run with a conversation or without one.
 * @param {World} world
 * @param {string} projectId
 * @param {string} agentName
 * @param {string} [threadId]
 */
async function programOf(world, projectId, agentName, threadId) {
  const { run, token } = await world.client.post("/api/agent-runs", {
    projectId,
    agentName,
    ...(threadId ? { threadId } : {}),
  });
  return {
    run,
    /** @param {Line[]} lines */
    write: (lines) => new Api(world.base, token).post(`/api/agent-runs/${run.id}/log`, lines),
  };
}

const numbered = (/** @type {number} */ from, /** @type {number} */ to) =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ message: `Line ${from + at}.` }));

test("lines are shown as they are written, filtered, and a name opens the chat", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId: project.id });
  const toro = await programOf(world, project.id, "toro", threadId);
  const koji = await programOf(world, project.id, "koji");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/logs`);
  await page.getByText("No lines yet.").waitFor();
  await browser.screenshot(page, "1-empty");

  await toro.write([
    { message: "collected 24 items", source: "pytest" },
    { message: "tests/test_limits.py::test_burst FAILED\nexpected 10 tokens, got 9.98", level: "error" },
  ]);
  await koji.write([
    { message: "3 callers still read vat_old", level: "warn" },
    { message: "Ledger opened", level: "debug" },
    { message: "ÄPFEL are no apples" },
  ]);
  await toro.write([{ message: `Long: ${"a long tale ".repeat(40)}with its end` }]);
  await lineOf(page, "Long:").waitFor();
  const expected = [/collected 24 items/, /FAILED/, /vat_old/, /ÄPFEL/, /Long:/];
  const rows = await logOf(page).locator("[data-line]").allInnerTexts();
  assert.equal(rows.length, expected.length, "what is for debugging is not shown unasked");
  expected.forEach((words, at) => assert.match(rows[at], words));
  await stateOf(page).getByText("Following").waitFor();

  // A long line shows its whole on a click or with the keyboard.
  const failed = lineOf(page, "FAILED");
  await failed.getByRole("button", { name: "Show the whole line" }).press("Enter");
  assert.match(await failed.innerText(), /FAILED\nexpected 10 tokens/);
  await lineOf(page, "Long:").getByText("Long:").click();
  await lineOf(page, "Long:").getByRole("button", { name: "Fold the line", expanded: true }).waitFor();
  await browser.screenshot(page, "2-lines");

  // Each filter alone, then all together; the address keeps them.
  await chipOf(page, "Toro").click();
  await lineOf(page, "collected").waitFor({ state: "detached" });
  await toro.write([{ message: "unseen", level: "error" }]);
  await koji.write([{ message: "Careful with Äpfel", level: "warn" }]);
  await lineOf(page, "Careful").waitFor();
  assert.equal(await lineOf(page, "unseen").count(), 0);
  await page.getByRole("button", { name: "info and above" }).click();
  await page.getByRole("menuitemradio", { name: "warn and above" }).click();
  await lineOf(page, "no apples").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.keyboard.type("CAREFUL");
  await lineOf(page, "vat_old").waitFor({ state: "detached" });
  assert.equal(await logOf(page).locator("mark").innerText(), "Careful");
  await page.waitForURL(/q=CAREFUL/);
  await koji.write([
    { message: "carefully told", level: "info" },
    { message: "be careful", level: "error" },
  ]);
  await lineOf(page, "be careful").waitFor();
  await page.reload();
  await lineOf(page, "be careful").waitFor();
  assert.equal(await searchOf(page).inputValue(), "CAREFUL");
  assert.equal(await chipOf(page, "Toro").getAttribute("aria-pressed"), "false");
  assert.equal(
    await logOf(page).locator("[data-line]").count(),
    2,
    "neither another level nor another agent",
  );

  await searchOf(page).fill("no such words");
  await page.getByText("No line fits these filters.").waitFor();
  await browser.screenshot(page, "3-nothing");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await lineOf(page, "collected").waitFor();
  assert.equal(new URL(page.url()).search, "");

  assert.deepEqual(browser.complaints, []);

  // Koji's run has no conversation; Toro's has.
  assert.equal(await logOf(page).getByRole("button", { name: "Koji" }).count(), 0);
  await lineOf(page, "collected").getByRole("button", { name: "Toro" }).click();
  await page.getByRole("complementary", { name: "Chat with Toro" }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("chat"), threadId);
  await browser.screenshot(page, "4-chat");
  await chipOf(page, "Koji").click();
  await page.waitForURL(/agents=miso/);
  await page
    .getByRole("navigation", { name: "Project", exact: true })
    .getByRole("link", { name: "Agents" })
    .click();
  await page.getByRole("heading", { name: "Mission Control" }).waitFor();
  assert.equal(new URL(page.url()).search, `?chat=${threadId}`, "the filters are the log's own");
});

test("a pause holds lines back, copying and downloading keep them, and keys do it all", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("Tide Water");
  const toro = await programOf(world, project.id, "toro");
  await toro.write([...numbered(1, 400), { message: "Other words.", level: "warn" }]);
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/logs`);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await lineOf(page, "Other words.").waitFor();

  await page.keyboard.press("Space");
  await stateOf(page).getByText("Paused").waitFor();
  await toro.write(numbered(401, 412));
  await page.getByText("12 new lines held back").waitFor();
  assert.equal(await lineOf(page, "Line 401.").count(), 0);
  await browser.screenshot(page, "1-paused");
  await page.keyboard.press("Space");
  await lineOf(page, "Line 412.").waitFor();
  await stateOf(page).getByText("Following").waitFor();
  await page.getByRole("button", { name: "Pause" }).press("Space");
  await stateOf(page).getByText("Paused").waitFor();
  await toro.write(numbered(413, 413));
  await page.getByRole("button", { name: "Show 1 new line" }).click();
  await lineOf(page, "Line 413.").waitFor();

  await logOf(page).hover();
  await page.mouse.wheel(0, -600);
  await stateOf(page).getByText("Scrolled up").waitFor();
  await toro.write(numbered(414, 415));
  await page.getByRole("button", { name: "2 new lines" }).waitFor();
  await page.keyboard.press("End");
  await lineOf(page, "Line 415.").waitFor();
  await stateOf(page).getByText("Following").waitFor();

  await page.keyboard.press("?");
  for (const does of ["Search", "Pause, go on", "Newest line"]) {
    await page.getByRole("dialog").getByText(does, { exact: true }).waitFor();
  }
  await page.keyboard.press("Escape");

  await searchOf(page).fill("line ");
  await lineOf(page, "Other words.").waitFor({ state: "detached" });
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download all that fit" }).and(page.locator(":enabled")).click();
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^tide-water-.*\.log$/);
  const kept = readFileSync(await download.path(), "utf8")
    .trimEnd()
    .split("\n");
  assert.deepEqual(
    kept.map((line) => line.replace(/^\S+Z info  toro /, "")),
    numbered(1, 415).map(({ message }) => message),
  );
  await searchOf(page).fill("Line 41");
  await lineOf(page, "Line 409.").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Copy these lines" }).click();
  await page.getByText("7 lines copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.deepEqual(
    copied.match(/Line \d+/g),
    [41, 410, 411, 412, 413, 414, 415].map((n) => `Line ${n}`),
  );
  assert.deepEqual(browser.complaints, []);
});

test("five thousand lines are read to the first, and none is missing or double after a restart", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const toro = await programOf(world, project.id, "toro");
  for (let from = 1; from <= 5_000; from += 1_000) await toro.write(numbered(from, from + 999));
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/logs`);
  await lineOf(page, "Line 5000.").waitFor();
  assert.equal(await atEnd(page), true, "it opens at its end");
  assert.ok((await numbersOf(page)).length < 100, "only what is near the window is drawn");

  // Every line is seen on the way up, each below the one before it.
  /** @type {Set<number>} */
  const seen = new Set();
  let first = Infinity;
  let place = -1;
  await logOf(page).hover();
  await until(
    "the first line has been read",
    async () => {
      const numbers = await numbersOf(page);
      numbers.forEach((n, at) => assert.equal(n, numbers[0] + at, `the lines stand in order: ${numbers}`));
      for (const n of numbers) seen.add(n);
      // The wheel: a scroll position that is set is no reader's wish. Turned again once the last turn has come to
      // rest: two at once go further than the lines that are drawn about the window.
      const before = place;
      place = await logOf(page).evaluate((box) => box.scrollTop);
      if (!seen.has(1) && numbers[0] < first && place === before) {
        first = numbers[0];
        await page.mouse.wheel(0, -700);
      }
      return seen.has(1);
    },
    240_000,
  );
  assert.equal(seen.size, 5_000);

  // The reader stays where they are while lines come, while the server is gone and when it is back.
  const top = (await numbersOf(page))[0];
  await toro.write(numbered(5_001, 5_002));
  await page.getByRole("button", { name: "2 new lines" }).waitFor();
  assert.equal((await numbersOf(page))[0], top);
  await page.keyboard.press("End");
  await lineOf(page, "Line 5002.").waitFor();
  await world.killServer();
  await page.getByText("Reconnecting…").waitFor();
  await page.context().setOffline(true);
  await world.startServer();
  await toro.write(numbered(5_003, 5_040));
  await page.context().setOffline(false);
  await lineOf(page, "Line 5040.").waitFor();
  await toro.write(numbered(5_041, 5_041));
  await lineOf(page, "Line 5041.").waitFor();
  await until("it is at its end again", () => atEnd(page));
  const last = await numbersOf(page);
  assert.deepEqual(
    last,
    Array.from({ length: last.length }, (_, at) => 5_042 - last.length + at),
    "nothing is missing, nothing double",
  );
  await page.getByText("5,041 lines").waitFor();
});

test("the log on the phone: text under the rest, whole", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const koji = await programOf(world, project.id, "koji");
  const tale = `A tale ${"that goes on ".repeat(12)}and ends.`;
  await koji.write([{ message: "short" }, { message: tale, level: "warn" }]);
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/logs`, { size: sizes.phone });
  const line = lineOf(page, "A tale").getByText("A tale");
  await line.waitFor();
  const time = await lineOf(page, "A tale").locator("time").boundingBox();
  const text = await line.boundingBox();
  assert.ok(time && text && text.y >= time.y + time.height - 1 && text.height > 60);
  assert.equal(await line.evaluate((box) => box.scrollWidth <= box.clientWidth), true);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), sizes.phone.width);
  await page.getByRole("button", { name: "Download all that fit" }).waitFor();
  await browser.screenshot(page, "1-phone");
  assert.deepEqual(browser.complaints, []);
});
