// A conversation as a file: for people in Markdown, for programs in JSON.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { sizes } from "./harness/browser.mjs";
import { Session } from "./harness/session.mjs";
import { startWorld } from "./harness/world.mjs";

test("a person takes a conversation home from its menu", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const words = "Please look around.";
  const prompt = `${words}\n!tool Bash {"command":"echo found"}\n!reply All **done**.`;
  const session = await Session.start(world, project.id, prompt);
  await session.answer("All **done**.");
  await session.idle();
  const title = 'Fix the "rice" cooker';
  await world.client.call("PATCH", `/api/agents/nori/threads/${session.threadId}`, { title });

  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${session.threadId}`);
  const taken = async (/** @type {string} */ item) => {
    await page.getByRole("button", { name: "More" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: item }).click(),
    ]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
  };
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Export as JSON" }).waitFor();
  await browser.screenshot(page, "1-menu");
  await page.keyboard.press("Escape");
  const phone = await browser.login(`/projects/${project.id}/threads/${session.threadId}`, {
    size: sizes.phone,
    theme: "light",
  });
  await phone.getByRole("button", { name: "More" }).click();
  await phone.getByRole("menuitem", { name: "Export as JSON" }).waitFor();
  await browser.screenshot(phone, "2-menu-on-the-phone");

  const markdown = await taken("Export as Markdown");
  assert.equal(markdown.name, "fix-the-rice-cooker.md");
  assert.match(
    markdown.text,
    /^# Fix the "rice" cooker\n\nWith Nori \(coder\) in the project greeter, since /,
  );
  const said = markdown.text.match(/^(\*\*(Administrator|Nori)\*\*.*|- Bash .*|All .*)$/gm);
  assert.match(
    said?.join("\n") ?? "",
    /^\*\*Administrator\*\*, .* UTC\n\*\*Nori\*\* \(coder\), .* UTC\n- Bash `echo found`: .*\n\*\*Nori\*\* \(coder\), .* UTC\nAll \*\*done\*\*\.$/,
  );
  assert.ok(markdown.text.includes(words));

  const data = await taken("Export as JSON");
  assert.equal(data.name, "fix-the-rice-cooker.json");
  const { thread, messages } = JSON.parse(data.text);
  assert.equal(thread.title, title);
  const listed = await world.client.get(`/api/threads/${session.threadId}/messages?limit=1000`);
  assert.deepEqual(messages, listed);
});

test("a long conversation is whole, and what cannot be exported says so", async (t) => {
  const world = await startWorld(t, { practice: true });
  const project = await world.client.post("/api/projects", { name: "long" });
  const { threadId } = await world.client.post("/api/agents/nori/threads", { projectId: project.id });
  const { run } = await world.client.post("/api/agent-runs", {
    projectId: project.id,
    agentName: "nori",
    threadId,
  });
  for (let number = 0; number < 450; ++number) {
    await world.client.post(`/api/agent-runs/${run.id}/messages`, {
      sender: "agent",
      content: `Line ${number} 寿司 \u0000 ${"x".repeat(number === 7 ? 200_000 : 10)}`,
    });
  }
  const path = `/api/threads/${threadId}/export`;
  const { body } = await world.client.call("GET", `${path}?format=json`);
  assert.deepEqual(
    body.messages
      .map((/** @type {any} */ one) => Number(one.content.match(/^Line (\d+)/)?.[1]))
      .filter(Number.isInteger),
    [...Array(450).keys()],
  );
  const markdown = await world.client.call("GET", path);
  assert.match(markdown.headers.get("content-type") ?? "", /^text\/markdown; charset=utf-8$/);
  assert.match(
    markdown.headers.get("content-disposition") ?? "",
    /^attachment; filename="conversation\.md"$/,
  );
  assert.equal(markdown.body.match(/^Line \d+ 寿司/gm).length, 450);

  const unknown = await world.client.call("GET", "/api/threads/none/export");
  assert.deepEqual([unknown.status, unknown.body.code], [404, "thread_not_found"]);
  const strange = await world.client.call("GET", `${path}?format=pdf`);
  assert.deepEqual([strange.status, strange.body.field], [400, "format"]);
});
