// The product's main job, as a newcomer has it: a link, a repository, a sentence, and an agent at work in the browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { git, makeRepository } from "./harness/repository.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/**
 * The conversation as a person reads it, who said and did what, from `first` to its end. The page draws only what is in view,
 * so that the window is made as high as the conversation for as long as this takes.
 * @param {Page} page
 * @param {string} first
 */
async function transcript(page, first) {
  const size = page.viewportSize() ?? sizes.desk;
  await page.setViewportSize({ ...size, height: 10_000 });
  await page.getByRole("article", { name: "You" }).filter({ hasText: first }).first().waitFor();
  const rows = await page.getByRole("article").evaluateAll((articles) =>
    articles.map((article) => {
      const text = [...article.querySelectorAll("p, pre, li, [aria-label='Tool uses']")].map(
        (part) => part.textContent,
      );
      return `${article.getAttribute("aria-label")}: ${text.join(" ")}`;
    }),
  );
  await page.setViewportSize(size);
  return rows;
}

/**
 * Writes into the thread that the page shows.
 * @param {Page} page
 * @param {string} text
 */
async function write(page, text) {
  await page.getByRole("textbox", { name: "Message Nori" }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

test("a newcomer without a key has a failing test fixed by the practice model", async (t) => {
  const world = await startWorld(t, { practice: true });
  const repository = makeRepository(world.folder, "greeter");
  const browser = await world.browser();
  const page = await browser.page();

  await page.goto(world.loginLink);
  await page.getByRole("status", { name: "Practice model" }).waitFor();
  assert.doesNotMatch(page.url(), /login=/, "the code does not stay in the address");
  await browser.screenshot(page, "1-projects");

  await page.getByRole("button", { name: "New project" }).click();
  await page.getByRole("textbox", { name: "Repository URL" }).fill(repository);
  await page.getByRole("button", { name: "Create project" }).click();
  await page.waitForURL(/\/projects\/[^/]+/);
  await write(page, "fix the failing test");
  await page.getByRole("region", { name: "Workspace set-up" }).waitFor();
  await browser.screenshot(page, "2-setting-up");
  await page.getByRole("article").getByText("The tests pass: I repaired").waitFor({ timeout: 60_000 });
  await page.getByRole("main").getByText("Your turn").waitFor();
  await browser.screenshot(page, "3-answered");

  const { items } = await world.client.get("/api/projects");
  const project = items.find((/** @type {any} */ one) => one.repoUrl === repository);
  const workspace = world.workspace(project.id);
  assert.equal(readFileSync(join(workspace, "greet.sh"), "utf8"), 'echo "Hello, $1!"\n');
  assert.equal(git(workspace, "status", "--porcelain"), "M greet.sh", "one change, and nothing injected");
  assert.equal(git(repository, "log", "--format=%s"), "Greet", "nothing was pushed");

  const before = await transcript(page, "fix the failing test");
  assert.match(before[0], /^You: fix the failing test/);
  assert.match(before.join("\n"), /Edited ?greet\.sh/, "tool uses are part of it");
  await page.reload();
  await page.getByRole("article").getByText("The tests pass: I repaired").waitFor();
  assert.deepEqual(await transcript(page, "fix the failing test"), before, "a reload shows the same");

  const other = await browser.login(new URL(page.url()).pathname, { size: sizes.phone, theme: "light" });
  await other.getByRole("article").getByText("The tests pass: I repaired").waitFor();
  assert.deepEqual(await transcript(other, "fix the failing test"), before, "and so does a second browser");
  await browser.screenshot(other, "4-phone-light");
  assert.deepEqual(browser.complaints, []);
});

test("a person sees every word as it comes, what waits, and what was received", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads`);
  const prompt = '!reply I begin.\n!hold gate\n!tool Bash {"command": "echo worked"}\n!reply Finished.';
  await write(page, prompt);

  await page.getByRole("article", { name: "Nori" }).getByText("I begin.").waitFor();
  await world.model.heldAt("gate");
  await write(page, "and mind the comma");
  const tray = page.getByRole("region", { name: "Waiting messages" });
  await tray.getByText("and mind the comma").waitFor();
  await browser.screenshot(page, "1-waiting");

  const second = await browser.login(new URL(page.url()).pathname);
  await second.getByRole("article", { name: "Nori" }).getByText("I begin.").waitFor();
  await second.getByRole("region", { name: "Waiting messages" }).getByText("and mind the comma").waitFor();

  await world.model.release("gate");
  for (const each of [page, second]) {
    await each.getByText("Finished.", { exact: true }).last().waitFor();
    await each.getByRole("region", { name: "Waiting messages" }).waitFor({ state: "hidden" });
    const theirs = each.getByRole("article", { name: "You" }).filter({ hasText: "and mind the comma" });
    await theirs.getByText("Seen").waitFor();
  }
  await browser.screenshot(page, "2-finished");
  assert.deepEqual(await transcript(second, "I begin."), await transcript(page, "I begin."));
});

test("the page finds its server again after it was killed in mid-turn, and nothing is twice", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply I begin.\n!hold gate\n!reply  And I end.");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${session.threadId}`);
  const nori = page.getByRole("article", { name: "Nori" });
  await nori.getByText("I begin.").waitFor();
  await world.model.heldAt("gate");

  await world.killServer();
  await page.getByText("Reconnecting…").waitFor();
  await browser.screenshot(page, "1-reconnecting");
  await world.model.release("gate");
  await world.startServer();
  await nori.getByText("And I end.").waitFor();
  await write(page, "!reply And on.");
  await nori.getByText("And on.").waitFor();
  assert.equal(await nori.getByText("And I end.").count(), 1);
  await browser.screenshot(page, "2-back");
});

test("Stop is one button, and an ended session says so", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(
    world,
    project.id,
    '!tool Bash {"command": "sleep 1234"}\n!reply never',
  );
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${session.threadId}`);
  await page.getByRole("group", { name: "Tool uses" }).getByText("sleep 1234").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("main").getByText("Your turn").waitFor();
  await browser.screenshot(page, "1-stopped");

  await page.getByRole("button", { name: "End session" }).click();
  await page
    .getByRole("alertdialog")
    .or(page.getByRole("dialog"))
    .getByRole("button", { name: "End session" })
    .click();
  await page.getByText("This conversation has ended.").waitFor();
  await browser.screenshot(page, "2-ended");
});
