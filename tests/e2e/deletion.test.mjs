// A conversation that is deleted is gone: from the page of everybody who looks, from the API, and from the server's disk.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/**
 * The files below a folder that have this text in them.
 * @param {string} folder
 * @param {string} text
 */
function filesWith(folder, text) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

test("a conversation is deleted from its menu, and leaves no word of it on the disk", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const word = "persimmon-4711";
  const session = await Session.start(
    world,
    project.id,
    `!reply Of the ${word}.\n!tool Bash {"command":"echo ${word}"}\n!reply done`,
  );
  await session.idle(await session.answer("done"));
  const path = `/api/threads/${session.threadId}`;
  const early = await world.client.call("DELETE", path);
  assert.deepEqual([early.status, early.body.code], [409, "thread_active"]);
  await session.end();
  assert.ok(filesWith(world.data, word).length > 1, "it is in the store, and in what the agent keeps");

  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${session.threadId}`);
  const watcher = await browser.login(`/projects/${project.id}/threads`);
  await watcher.getByRole("link", { name: new RegExp(word) }).waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete for good" }).click();
  await page.getByRole("dialog", { name: "Delete this conversation for good?" }).waitFor();
  await browser.screenshot(page, "1-asked");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByText("Conversation deleted").waitFor();
  for (const one of [page, watcher]) {
    await one.getByRole("link", { name: new RegExp(word) }).waitFor({ state: "detached" });
  }
  assert.equal((await world.client.call("GET", path)).status, 404);
  assert.equal((await world.client.call("DELETE", path)).status, 404);
  assert.deepEqual((await world.client.get(`/api/projects/${project.id}/logs?q=${word}`)).items, []);
  const { items } = await world.client.get(`/api/projects/${project.id}/runs`);
  assert.deepEqual([items[0].id, items[0].threadId], [session.runId, undefined], "what it cost is still known");

  await page.goto(`${world.base}/projects/${project.id}/threads/${session.threadId}`);
  await page.getByText("There is no such thread").waitFor();
  assert.equal((await world.omakase("stop")).status, 0);
  await until("no word of it is on the disk", () => {
    const left = filesWith(world.data, word);
    if (left.length > 0) t.diagnostic(left.join("\n"));
    return left.length === 0;
  });
  await world.startServer();
});
