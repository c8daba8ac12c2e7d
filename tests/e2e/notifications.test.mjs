// What a person is told while they look elsewhere, and only what they asked for.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** What the page has shown, as the browser would: title, body and tag, and the way to click the newest. */
async function record(/** @type {Page} */ page) {
  await page.addInitScript(() => {
    const shown = /** @type {any[]} */ ([]);
    class Recorder {
      static permission = "default";
      static requestPermission = async () => (Recorder.permission = "granted");
      onclick = () => {};
      close() {}
      constructor(/** @type {string} */ title, /** @type {{ body: string, tag: string }} */ { body, tag }) {
        shown.push({ title, body, tag, click: () => this.onclick() });
      }
    }
    Object.assign(window, { Notification: Recorder, shown });
    document.hasFocus = () => !(/** @type {any} */ (window).elsewhere);
  });
}

const shown = (/** @type {Page} */ page) =>
  page.evaluate(() =>
    /** @type {any} */ (window).shown.map((/** @type {any} */ one) => `${one.title} · ${one.body}`),
  );

test("a question is told to a person who looks elsewhere and asked to be told, and leads there", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const browser = await world.browser();
  const page = await browser.page();
  await record(page);
  await page.goto(world.loginLink);
  await page.getByRole("region", { name: "Projects" }).getByText("greeter", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^Signed in as/ }).click();
  await page.getByRole("menuitem", { name: "Notifications…" }).click();
  await page.getByRole("checkbox", { name: /Questions/ }).check();
  await browser.screenshot(page, "1-kinds");
  await page.keyboard.press("Escape");

  const start = (/** @type {string} */ prompt) =>
    world.client.post("/api/agents/nori/work-sessions", {
      projectId: project.id,
      prompt,
      permissionMode: "ask",
    });
  const ids = await start('!tool Bash {"command": "touch one.txt"}\n!reply done');
  const session = new Session(world, { projectId: project.id, ...ids });
  await page.getByRole("region", { name: "Projects" }).getByText("Nori asks permission").waitFor();
  assert.deepEqual(await shown(page), [], "nothing is told to a person who looks");

  await page.evaluate(() => Object.assign(window, { elsewhere: true }));
  const asked = await session.stream.next("the agent asks", (one) => one.event === "permission-request");
  await world.client.post(`/api/agent-runs/${ids.runId}/permissions/${asked.data.requestId}`, {
    behavior: "allow",
  });
  await session.answer("done");
  await page.getByRole("region", { name: "Projects" }).getByText("Nori waits for you").waitFor();
  assert.deepEqual(await shown(page), [], "a finished turn was not asked for");
  await session.say('!tool Bash {"command": "touch two.txt"}\n!reply done again');
  await until("it is told", async () => (await shown(page)).length === 1);
  assert.deepEqual(await shown(page), ["Nori asks permission · greeter"]);

  await page.evaluate(() => /** @type {any} */ (window).shown[0].click());
  await page.waitForURL((url) => url.pathname.endsWith(`/threads/${ids.threadId}`));
  await page
    .getByRole("region", { name: /^Nori asks/ })
    .getByText("touch two.txt")
    .waitFor();
  assert.deepEqual(browser.complaints, []);
});

test("where the browser refuses, the switches say so", async (t) => {
  const world = await startWorld(t);
  const browser = await world.browser();
  const page = await browser.login("/", { size: sizes.phone, theme: "light" });
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("combobox").fill("notif");
  await page.getByRole("option", { name: "Notifications" }).click();
  const kind = page.getByRole("checkbox", { name: /Errors/ });
  // A headless Chromium grants nothing.
  await kind.click();
  await page.getByText("This browser blocks notifications of this page.").waitFor();
  assert.equal(await kind.isChecked(), false);
  await browser.screenshot(page, "1-refused");
});
