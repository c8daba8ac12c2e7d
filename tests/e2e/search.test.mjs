// What was said is found again: over the API, and on the page that leads to it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { sizes } from "./harness/browser.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */
/** @typedef {import("playwright-core").Page} Page */

/**
 * A conversation that a program leads.
 * @param {World} world
 * @param {string} projectId
 * @param {string} title
 */
async function conversation(world, projectId, title) {
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId, title });
  const body = { projectId, agentName: "toro", threadId };
  const { run, token } = await world.client.post("/api/agent-runs", body);
  const path = `/api/agent-runs/${run.id}/messages`;
  const program = new Api(world.base, token);
  return {
    threadId,
    say: (/** @type {string} */ content) => program.post(path, { sender: "agent", content }),
    ask: (/** @type {string} */ content) => world.client.post(path, { sender: "user", content }),
  };
}

/** @param {any} page */
const found = ({ items }) => items.map((/** @type {any} */ hit) => hit.message?.excerpt ?? `# ${hit.title}`);

test("a search finds what was said in a project, with the latest conversation first", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const other = await world.client.post("/api/projects", { name: "elsewhere" });
  const search = (/** @type {string} */ q, more = "") =>
    world.client.get(`/api/projects/${project.id}/search?q=${encodeURIComponent(q)}${more}`);

  const first = await conversation(world, project.id, "Ein Größenproblem");
  await first.ask("Why does the BUCKET leak?");
  await first.say("The bucket's limit is wrong.\n\nIt leaks at **midnight**.");
  const second = await conversation(world, project.id, "Another talk");
  await second.say("The rate limit holds.");
  const elsewhere = await conversation(world, other.id, "limit");
  await elsewhere.say("limit bucket");

  assert.deepEqual(found(await search("limit")), [
    "The rate limit holds.",
    "The bucket's limit is wrong. It leaks at **midnight**.",
  ]);
  assert.deepEqual(found(await search("leak bucket")), [
    "The bucket's limit is wrong. It leaks at **midnight**.",
    "Why does the BUCKET leak?",
  ]);
  assert.deepEqual(found(await search('"rate limit"')), ["The rate limit holds."]);
  assert.deepEqual(found(await search("GRÖSSEN")), []);
  assert.deepEqual(found(await search("größen")), ["# Ein Größenproblem"]);
  assert.deepEqual((await search("limit bucket midnight nothing")).items, []);

  const one = await search("leak", "&limit=1");
  const next = await search("leak", `&limit=1&cursor=${encodeURIComponent(one.next)}`);
  assert.deepEqual([...found(one), ...found(next)], found(await search("leak")));

  for (const [query, code] of [
    ["", "required"],
    ["?q=%20%22%22", "required"],
    [`?q=${"x".repeat(201)}`, "too_long"],
    ["?q=a&cursor=1", "invalid_cursor"],
    ["?q=a&cursor=1~x~y", "invalid_cursor"],
    ["?q=a&limit=0", "invalid_limit"],
  ]) {
    const { status, body } = await world.client.call("GET", `/api/projects/${project.id}/search${query}`);
    assert.deepEqual([status, body.code], [400, code], query);
  }
});

/** Whether a message can be read where the page stands. @param {Page} page @param {string} text */
async function waitInView(page, text) {
  const box = page.getByRole("log");
  await box.getByText(text).first().waitFor();
  await until(`"${text}" is in view`, async () => {
    const [place, frame] = await Promise.all([box.getByText(text).first().boundingBox(), box.boundingBox()]);
    return !!place && !!frame && place.y >= frame.y && place.y + place.height <= frame.y + frame.height;
  });
}

test("the page searches as one types, and leads to where it was said", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const long = await conversation(world, project.id, "A long one");
  await long.say("The needle lies at the very start.");
  for (let n = 0; n < 450; ++n) await long.say(`Message ${n}. ${"Some words more. ".repeat(n % 5)}`);
  await long.say("Another Needle, near the end.");
  for (let n = 0; n < 30; ++n) await long.say(`Late ${n}.`);
  const short = await conversation(world, project.id, "About needles");
  await short.say("Nothing more.");

  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${short.threadId}`);
  await page.getByRole("log").getByText("Nothing more.").waitFor();
  await page.getByRole("log").focus();
  await page.keyboard.press("/");
  const box = page.getByRole("searchbox", { name: "Search the conversations" });
  await box.pressSequentially("needle");
  const results = page.getByRole("region", { name: "Found" });
  await results.getByText("near the end").waitFor();
  assert.deepEqual(await results.getByRole("heading").allInnerTexts(), ["About needles", "A long one"]);
  assert.deepEqual(await results.locator("mark").allInnerTexts(), ["needle", "Needle", "needle"]);

  await results.getByText("lies at the very start").click();
  await waitInView(page, "The needle lies at the very start.");
  await results.getByText("near the end").click();
  await waitInView(page, "Another Needle, near the end.");
  assert.equal(await page.getByRole("log").getByText("Late 29.").count(), 0, "it is not at its end");

  // The address names the place: a reload, and a person who is sent it, come there.
  await page.reload();
  await waitInView(page, "Another Needle, near the end.");
  await page.goBack();
  await waitInView(page, "The needle lies at the very start.");
  assert.equal(await box.inputValue(), "needle");

  await box.fill("absent");
  await results.getByText("Nothing here has this word.").waitFor();
  await box.press("Escape");
  await box.press("Escape");
  await page.getByRole("navigation", { name: "Thread list" }).waitFor();
  assert.deepEqual(browser.foreign, []);
});

test("on the phone the search stands alone, and the way back from a message leads to it", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId, say } = await conversation(world, project.id, "A talk");
  await say("The needle.");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads`, { size: sizes.phone, touch: true });
  await page.getByRole("button", { name: "Search the conversations" }).tap();
  await page.getByRole("searchbox").pressSequentially("needle");
  await page.getByRole("region", { name: "Found" }).getByText("The needle.").tap();
  await waitInView(page, "The needle.");
  assert.match(page.url(), new RegExp(threadId));
  await page.getByRole("link", { name: "Back to threads" }).tap();
  await page.getByRole("region", { name: "Found" }).getByText("The needle.").waitFor();
});

test("the palette takes what is typed to the search", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { say } = await conversation(world, project.id, "A talk");
  await say("The needle.");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}`);
  await page.getByRole("main").first().waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or command" }).pressSequentially("needle");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Found" }).getByText("The needle.").waitFor();
});
