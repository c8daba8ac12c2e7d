// What a person has not read: kept by the server for each person, the same on every device, and gone when the chat is opened.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { sizes } from "./harness/browser.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

const card = (/** @type {Page} */ page) =>
  page.getByRole("region", { name: "Mission Control" }).getByRole("article", { name: "Toro" });
const unreadOn = (/** @type {Page} */ page, /** @type {number} */ count) =>
  card(page).getByText(`${count} unread`, { exact: true });

test("badges count while the chat is closed, on two devices and over reloads and restarts, and go when it opens", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/toro/threads", {
    projectId: project.id,
    title: "Nightly tests",
  });
  const { run, token } = await world.client.post("/api/agent-runs", {
    projectId: project.id,
    agentName: "toro",
    threadId,
  });
  const program = new Api(world.base, token);
  const say = (/** @type {string} */ content, type = "message") =>
    program.post(`/api/agent-runs/${run.id}/messages`, { content, type, sender: "agent" });
  await say("Testing begins.", "status");
  await say("One test is slow.");

  const desk = await world.browser();
  const phone = await world.browser();
  const there = await desk.login(`/projects/${project.id}`);
  const here = await phone.login(`/projects/${project.id}`);
  await here.setViewportSize(sizes.phone);
  for (const page of [there, here]) await unreadOn(page, 1).waitFor();
  await say("the database is away", "error");
  for (const page of [there, here]) await unreadOn(page, 2).waitFor();
  await here.getByRole("navigation", { name: "Project sections" }).getByText("2 unread").waitFor();
  await desk.screenshot(there, "1-badge");
  await phone.screenshot(here, "2-badge");

  await there.reload();
  await unreadOn(there, 2).waitFor();
  await world.killServer();
  await world.startServer();
  await say("It is back.");
  for (const page of [there, here]) await unreadOn(page, 3).waitFor();

  await card(there).click();
  await there.getByText("It is back.", { exact: true }).last().waitFor();
  for (const page of [there, here]) await card(page).getByText("unread").waitFor({ state: "detached" });
  await say("All pass.");
  await there.getByText("All pass.", { exact: true }).last().waitFor();
  assert.equal(await card(there).getByText("unread").count(), 0, "what is on the screen is read");
  await there.reload();
  await there.getByText("All pass.", { exact: true }).last().waitFor();
  await card(here).getByText("unread").waitFor({ state: "detached" });
  assert.deepEqual((await world.client.get("/api/unread")).items, []);

  await there.keyboard.press("Escape");
  await say("And one more.");
  await unreadOn(here, 1).waitFor();
  await here.goto(`${world.base}/projects/${project.id}/threads`);
  await here
    .getByRole("link", { name: /Nightly tests/ })
    .getByText("1 unread")
    .waitFor();
  await phone.screenshot(here, "3-thread-list");
  await here.getByRole("link", { name: /Nightly tests/ }).click();
  await here.getByText("And one more.", { exact: true }).last().waitFor();
  await card(there).getByText("unread").waitFor({ state: "detached" });
});

test("a mark goes forward only, and not beyond what was said", async (t) => {
  const world = await startWorld(t);
  const { id: projectId } = await world.client.post("/api/projects", { name: "tidewater" });
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId });
  const { run, token } = await world.client.post("/api/agent-runs", {
    projectId,
    agentName: "toro",
    threadId,
  });
  const path = `/api/agent-runs/${run.id}/messages`;
  const program = new Api(world.base, token);
  const first = await program.post(path, { content: "one", sender: "agent" });
  await program.post(path, { content: "two", sender: "agent" });
  const counts = async () =>
    (await world.client.get(`/api/unread?projectId=${projectId}`)).items.map(
      (/** @type {any} */ one) => one.count,
    );
  const mark = (/** @type {object} */ body) => world.client.call("POST", "/api/unread", body);
  assert.deepEqual(await counts(), [2]);
  assert.equal((await mark({ threadId, timestamp: first.timestamp })).status, 204);
  assert.deepEqual(await counts(), [1]);
  assert.equal((await mark({ threadId, timestamp: "9999-12-31T23:59:59.999999Z" })).status, 204);
  assert.deepEqual(await counts(), []);
  await program.post(path, { content: "three", sender: "agent" });
  assert.deepEqual(await counts(), [1], "what had not been said was not read");
  assert.equal((await mark({ threadId, timestamp: first.timestamp })).status, 204);
  assert.deepEqual(await counts(), [1]);

  const refused = async (/** @type {object} */ body) => {
    const answer = await mark(body);
    return [answer.status, answer.body.code];
  };
  assert.deepEqual(await refused({ threadId: "none", timestamp: first.timestamp }), [
    404,
    "thread_not_found",
  ]);
  assert.deepEqual(await refused({ threadId, timestamp: "noon" }), [400, "invalid_timestamp"]);
  assert.deepEqual(await refused({ threadId }), [400, "required"]);
  assert.equal((await program.call("GET", "/api/unread")).status, 403);
});
