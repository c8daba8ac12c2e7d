// Where a reader is in a chat, over tabs and reloads; and the phone's sheet under a finger.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { sizes } from "./harness/browser.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ row: string | undefined, top: number }} Place */

const panelOf = (/** @type {Page} */ page) => page.getByRole("complementary", { name: "Chat with Toro" });
const logOf = (/** @type {Page} */ page) => page.getByRole("log");

/**
 * A thread in which a program has said a number of things of different lengths.
 * @param {import("./harness/world.mjs").World} world
 * @param {number} count
 */
async function longThread(world, count) {
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId: project.id });
  const body = { projectId: project.id, agentName: "toro", threadId };
  const { run, token } = await world.client.post("/api/agent-runs", body);
  const program = new Api(world.base, token);
  const say = (/** @type {string} */ content) =>
    program.post(`/api/agent-runs/${run.id}/messages`, { sender: "agent", content });
  for (let n = 0; n < count; ++n) {
    await say(`Message ${n}. ${"Some words more, and then some. ".repeat((n * 7) % 23)}\n\n- one\n- two`);
  }
  return { project, threadId, say };
}

/**
 * The first row that is whole in view, and how far below the top it begins; undefined while it still moves.
 * @param {Page} page
 * @returns {Promise<Place>}
 */
async function place(page) {
  return logOf(page).evaluate((box) => {
    const top = box.getBoundingClientRect().top;
    const rows = [...box.querySelectorAll("[data-row]")].map((row) => ({
      row: /** @type {HTMLElement} */ (row).dataset.row,
      top: row.getBoundingClientRect().top - top,
    }));
    return rows.filter((row) => row.top >= 0).sort((a, b) => a.top - b.top)[0];
  });
}

/** Where the reader is once nothing moves any more. @param {Page} page */
async function settled(page) {
  let last = await place(page);
  let since = 0;
  await until("the rows stand still", async () => {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    const now = await place(page);
    since = now?.row === last?.row && now?.top === last?.top ? since + 1 : 0;
    last = now;
    return since > 10;
  });
  return last;
}

/** @param {Page} page @param {Place} before */
async function assertThere(page, before) {
  await until(`${before.row} stands where it stood`, async () => {
    const now = await place(page);
    return now?.row === before.row && Math.abs(now.top - before.top) <= 3;
  });
  const now = await settled(page);
  assert.equal(now.row, before.row);
  assert.ok(Math.abs(now.top - before.top) <= 3, `${now.top} instead of ${before.top}`);
}

const atEnd = (/** @type {Page} */ page) =>
  logOf(page).evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 5);

test("a chat is where its reader left it, over tabs and reloads", async (t) => {
  const world = await startWorld(t);
  const { project, threadId, say } = await longThread(world, 280);
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}?chat=${threadId}`);
  const newest = logOf(page).getByText(/^Message 279\./);
  await newest.waitFor();
  await page.reload();
  await newest.waitFor();
  await settled(page);
  assert.equal(await atEnd(page), true, "who is at the end stays there");

  await logOf(page).hover();
  await page.mouse.wheel(0, -2_500);
  await until("the reader has left the end", async () => !(await atEnd(page)));
  const near = await settled(page);
  await page
    .getByRole("navigation", { name: "Project", exact: true })
    .getByRole("link", { name: "Logs" })
    .click();
  await page.waitForURL(/\/logs\?chat=/);
  await assertThere(page, near);
  await page.reload();
  await assertThere(page, near);
  await say("Something new.");
  await page.getByRole("button", { name: "New messages 1" }).waitFor();
  await assertThere(page, near);
  await panelOf(page).getByRole("button", { name: "Close the chat" }).click();
  await panelOf(page).waitFor({ state: "detached" });
  await page.goBack();
  await assertThere(page, near);

  await until("the page before is read", async () => {
    await logOf(page).hover();
    await page.mouse.wheel(0, -9_000);
    return (
      (await logOf(page)
        .getByText(/^Message [2-4]\d\./)
        .count()) > 0
    );
  });
  const far = await settled(page);
  await page.reload();
  await assertThere(page, far);
  await page.keyboard.press("End");
  await until("it is at the end again", () => atEnd(page));
  await page.reload();
  await logOf(page).getByText("Something new.").waitFor();
  await settled(page);
  assert.equal(await atEnd(page), true);
  assert.deepEqual(browser.complaints, []);
});

/**
 * A finger that goes straight from one height to another and stays there for a moment.
 * @param {Page} page @param {number} from @param {number} to
 */
async function drag(page, from, to) {
  const finger = await page.context().newCDPSession(page);
  const touch = (/** @type {"touchStart" | "touchMove" | "touchEnd"} */ type, /** @type {number} */ y) =>
    finger.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: 195, y }],
    });
  await touch("touchStart", from);
  for (let step = 1; step <= 8; ++step) await touch("touchMove", from + ((to - from) * step) / 8);
  await touch("touchEnd", to);
}

test("the phone's sheet follows the finger: up over the page, down and away", async (t) => {
  const world = await startWorld(t);
  const { project, threadId } = await longThread(world, 20);
  const browser = await world.browser();
  const options = { size: sizes.phone, touch: true };
  const page = await browser.login(`/projects/${project.id}?chat=${threadId}`, options);
  await panelOf(page)
    .getByText(/^Message 19\./)
    .waitFor();
  const top = () => panelOf(page).evaluate((box) => box.getBoundingClientRect().top);
  await until("it has slid in", async () => (await top()) === 60);
  await browser.screenshot(page, "1-sheet");

  await drag(page, 70, 8);
  await until("it is a full page", async () => (await top()) === 0);
  await browser.screenshot(page, "2-full");
  await drag(page, 10, 130);
  await until("it is a sheet again", async () => (await top()) === 60);
  const grip = panelOf(page).getByRole("button", { name: "Make the chat a full page" });
  await grip.press("Enter");
  await until("the keyboard does the same", async () => (await top()) === 0);
  await panelOf(page).getByRole("button", { name: "Show the page behind the chat" }).tap();
  await until("and a touch", async () => (await top()) === 60);
  assert.equal(await atEnd(page), true, "the reader is where they were");

  await drag(page, 70, 400);
  await panelOf(page).waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).search, "");
  assert.deepEqual(browser.complaints, []);
});
