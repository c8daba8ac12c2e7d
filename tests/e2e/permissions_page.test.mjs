// What the agent asks, as a person answers it: on the card, with its keys, from another browser, on the phone; and how whatever
// needs a person is found.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {import("playwright-core").Page} Page */

const touch = (/** @type {string} */ file) => `!tool Bash ${JSON.stringify({ command: `touch ${file}` })}`;

/**
 * A session that asks before it does something, in a project of its own.
 * @param {World} world
 * @param {string} prompt
 */
async function asking(world, prompt, permissionMode = "ask", name = "greeter") {
  const project = await world.project(name);
  const body = { projectId: project.id, prompt, permissionMode };
  const { runId, threadId } = await world.client.post("/api/agents/nori/work-sessions", body);
  return new Session(world, { projectId: project.id, threadId, runId });
}

const placeOf = (/** @type {Session} */ { projectId, threadId }) =>
  `/projects/${projectId}/threads/${threadId}`;
const made = (/** @type {Session} */ session, /** @type {string} */ file) =>
  existsSync(join(session.workspace, file));

/** What the agent asks on this page. */
const cardOf = (/** @type {Page} */ page) => page.getByRole("region", { name: /^Nori (asks|proposes)/ });
/**
 * Presses a button of the card once it is on: Playwright scrolls to one that is off again and again, as no person does, and the
 * pill that shows then takes the click.
 */
async function press(/** @type {Page} */ page, /** @type {string} */ name) {
  const button = cardOf(page).getByRole("button", { name });
  await button.and(page.locator(":enabled")).waitFor();
  await button.click();
}
const lineOf = (/** @type {Page} */ page, /** @type {string} */ words) =>
  page.getByRole("group", { name: "Tool uses" }).getByRole("button", { name: words });

test("a command waits on its card, and is allowed with a key and denied from another browser", async (t) => {
  const world = await startWorld(t);
  const session = await asking(
    world,
    `!reply I need two files.\n${touch("one.txt")}\n${touch("two.txt")}\n!reply done`,
  );
  const browser = await world.browser();
  const page = await browser.login(placeOf(session));
  await cardOf(page).getByText("touch one.txt").waitFor();
  await page.locator("main header").first().getByText("Needs you").waitFor();
  assert.match(await page.title(), /^Needs you · /);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "BODY", "it takes no focus");
  await page.keyboard.press("a");
  await cardOf(page)
    .getByText(/Denied by itself in/)
    .waitFor();
  assert.equal(made(session, "one.txt"), false, "its keys need its focus");
  await browser.screenshot(page, "1-asked");

  await page.keyboard.press("n");
  await page.keyboard.press("a");
  await lineOf(page, "Allowed once by you").getByText("touch one.txt").waitFor();
  await cardOf(page).getByText("touch two.txt").waitFor();
  assert.equal(made(session, "one.txt"), true);

  const phone = await browser.login(placeOf(session), { size: sizes.phone, theme: "light" });
  await cardOf(phone).getByText("touch two.txt").waitFor();
  await browser.screenshot(phone, "2-asked-on-the-phone");
  await cardOf(phone).getByRole("button", { name: "More answers" }).click();
  await phone.getByRole("menuitem", { name: "Deny with a note" }).click();
  await cardOf(phone).getByRole("textbox").fill("one file is enough");
  await browser.screenshot(phone, "3-note-on-the-phone");
  await cardOf(phone).getByRole("button", { name: "Deny with this note" }).click();
  for (const each of [page, phone]) {
    await lineOf(each, "Denied by you").getByText("touch two.txt").waitFor();
    await cardOf(each).waitFor({ state: "hidden" });
    await each.getByRole("main").getByText("Your turn").waitFor();
  }
  assert.equal(made(session, "two.txt"), false);
  assert.match(await world.model.lastRequestInFull(), /one file is enough/);
  await lineOf(page, "Denied by you").click();
  await page.getByRole("definition").getByText("one file is enough").waitFor();
  await browser.screenshot(page, "4-answered");
  await page.reload();
  await lineOf(page, "Denied by you").getByText("touch two.txt").waitFor();
  await lineOf(page, "Allowed once by you").getByText("touch one.txt").waitFor();
});

test("a question is answered with a choice, and a plan goes back before it is approved", async (t) => {
  const world = await startWorld(t);
  const question = {
    questions: [
      {
        question: "Which greeting?",
        header: "Greeting",
        multiSelect: false,
        options: [
          { label: "Hello", description: "as it is" },
          { label: "Ahoy", description: "nautical" },
        ],
      },
    ],
  };
  const plan = (/** @type {string} */ text) => `!tool ExitPlanMode ${JSON.stringify({ plan: text })}`;
  const session = await asking(
    world,
    `!tool AskUserQuestion ${JSON.stringify(question)}\n${plan("Touch **a file**.")}\n!reply planned`,
    "plan",
  );
  const browser = await world.browser();
  const page = await browser.login(placeOf(session), { size: sizes.phone });
  await cardOf(page).getByRole("radio", { name: /Ahoy/ }).check();
  await browser.screenshot(page, "1-question");
  await press(page, "Answer");
  await lineOf(page, "Answered by you").waitFor();
  assert.match(await world.model.lastRequestInFull(), /Ahoy/);

  await cardOf(page).getByRole("region", { name: "The plan" }).getByText("a file").waitFor();
  await browser.screenshot(page, "2-plan");
  await press(page, "Keep planning");
  await cardOf(page).getByRole("textbox").fill("which file?");
  await press(page, "Keep planning");
  await lineOf(page, "Planning goes on").waitFor();
  await session.answer("planned");
  await session.say(`${plan("Touch later.txt.")}\n!reply approved`);
  await press(page, "Approve the plan");
  await lineOf(page, "Plan approved by you").waitFor();
  await session.answer("approved");
});

test("whatever needs a person stands first in every list, and N goes there", async (t) => {
  const world = await startWorld(t);
  const session = await asking(world, `${touch("one.txt")}\n!reply done`);
  const other = await world.project("harbour");
  const { threadId } = await world.client.post("/api/agents/miso/threads", {
    projectId: other.id,
    mode: "work",
  });
  await session.stream.next("the agent asks", (one) => one.event === "permission-request");
  const browser = await world.browser();
  const page = await browser.login("/");
  const first = page.getByRole("region", { name: "Projects" }).getByRole("link").first();
  await first.getByText("Needs you").waitFor();
  assert.match(await first.innerText(), /greeter[\s\S]*Nori asks permission/);
  assert.equal(await page.title(), "Needs you · Projects · Omakase");
  await browser.screenshot(page, "1-projects");

  await page.goto(`${world.base}/projects/${other.id}/threads/${threadId}`);
  await page.getByRole("textbox", { name: "Message Miso" }).waitFor();
  await page.keyboard.press("n");
  await page.waitForURL((url) => url.pathname === placeOf(session));
  await cardOf(page).and(page.locator(":focus")).waitFor();
  await page.getByRole("region", { name: "Needs you" }).getByText("Asks permission").waitFor();
  await browser.screenshot(page, "2-arrived");
  await page.keyboard.press("s");
  await lineOf(page, "Allowed for the session by you").waitFor();
  await session.answer("done");
  assert.equal(made(session, "one.txt"), true);
  await page.keyboard.press("n");
  await page.getByText("Nothing else needs you").waitFor();
});
