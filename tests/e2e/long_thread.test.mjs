// A conversation of five thousand messages: it opens at its end, and every message is there on the way up.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

const count = 5_000;
const atOnce = 20;

test("five thousand messages open at their end, and are all there on the way up", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId: project.id });
  const { run, token } = await world.client.post("/api/agent-runs", {
    projectId: project.id,
    agentName: "toro",
    threadId,
  });
  const program = new Api(world.base, token);
  // Posted in blocks: within a block their order is the server's.
  for (let at = 0; at < count; at += atOnce) {
    const block = Array.from({ length: atOnce }, (_, offset) => at + offset);
    await Promise.all(
      block.map((n) =>
        program.post(`/api/agent-runs/${run.id}/messages`, {
          sender: "agent",
          content: `Message ${n}. ${"Some words more. ".repeat(n % 7)}`,
        }),
      ),
    );
  }

  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${threadId}`);
  const log = page.getByRole("log");
  const message = (/** @type {number} */ n) => log.getByText(new RegExp(`^Message ${n}\\.`));
  await message(count - 1)
    .or(message(count - atOnce))
    .first()
    .waitFor();
  const atEnd = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 5);
  assert.equal(await atEnd(), true, "it opens at its end");
  assert.ok((await log.getByRole("article").count()) < 100, "only what is near the window is drawn");

  /** @type {Set<number>} */
  const seen = new Set();
  const look = async () => {
    for (const text of await log.getByText(/^Message \d+\./).allInnerTexts()) {
      seen.add(Number(text.match(/^Message (\d+)/)?.[1]));
    }
  };
  await look();
  await until(
    "its first message has been read",
    async () => {
      // The wheel: a scroll position that is set is no reader's wish.
      await log.hover();
      await page.mouse.wheel(0, -9_000);
      await look();
      return seen.has(0);
    },
    240_000,
  );
  // A fast reader passes some unread; in the store they are whole.
  assert.ok(seen.size > count / 10, `${seen.size} were seen on the way up`);
  await page.keyboard.press("End");
  await until("it is at its end again", atEnd);
  await program.post(`/api/agent-runs/${run.id}/messages`, { sender: "agent", content: "The last word." });
  await log.getByText("The last word.").waitFor();
});
