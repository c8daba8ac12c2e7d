// A run that a program outside carries out: people in browsers, the command line and the program talk on it alike.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Api } from "./harness/api.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

test("two browsers, the command line and a program talk on one run", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { run, token } = await world.client.post("/api/agent-runs", {
    projectId: project.id,
    agentName: "toro",
  });
  const program = new Api(world.base, token);
  const readers = [world.client.follow(run.id), world.client.follow(run.id)];
  const path = `/api/agent-runs/${run.id}/messages`;

  await program.post(path, { content: "Testing now.", sender: "agent" });
  assert.equal((await world.omakase("send", run.id, "How far are you?")).status, 0);
  const last = {
    content: "Half way.\nNo surprises: 寿司 \u2028 \u0000.",
    sender: "agent",
    id: "the-last-word",
  };
  const first = await program.call("POST", path, last);
  const again = await program.call("POST", path, last);
  assert.deepEqual([first.status, again.status], [201, 200], "a repeat is stored once");
  assert.equal((await program.call("POST", path, { ...last, content: "Other." })).body.code, "id_conflict");
  const polled = await program.get(`${path}?since=${run.startedAt}&sender=user`);
  assert.deepEqual(
    polled.map((/** @type {any} */ one) => one.content),
    ["How far are you?"],
  );

  await world.client.call("PATCH", `/api/agent-runs/${run.id}`, {
    status: "completed",
    outputSummary: "Done.",
  });
  const expected = ["Testing now.", "How far are you?", last.content];
  for (const reader of readers) {
    const close = await reader.next("the run ends", (one) => one.event === "close");
    assert.equal(close.data.status, "completed");
    const heard = reader.messages.filter((one) => one.type === "message").map((one) => one.content);
    assert.deepEqual(heard, expected);
    const stamps = reader.messages.map((one) => one.timestamp);
    assert.deepEqual(stamps, [...new Set(stamps)].toSorted());
  }
  const followed = await world.omakase("follow", run.id);
  assert.equal(followed.status, 0);
  assert.match(followed.lines.join("\n"), /How far are you\?[^]*Half way\./);

  const late = await world.client.call("POST", path, { content: "Too late?", sender: "user" });
  assert.deepEqual([late.status, late.body.code], [409, "run_not_active"]);
  const elsewhere = await world.client.post("/api/agent-runs", { projectId: project.id, agentName: "toro" });
  const foreign = await program.call("POST", `/api/agent-runs/${elsewhere.run.id}/messages`, last);
  assert.ok([403, 404].includes(foreign.status), "a run's token is good for its run only");
});

test("the example of a program that talks, docs/examples/agent.sh, does what it says", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const browser = await world.browser();
  const program = spawn(join(checkout, "docs/examples/agent.sh"), [project.id], {
    env: {
      PATH: process.env.PATH,
      OMAKASE_URL: world.base,
      OMAKASE_TOKEN: world.environment.OMAKASE_TOKEN,
      POLL_SECONDS: "0.1",
    },
    stdio: "ignore",
  });
  const ended = once(program, "exit");
  t.after(() => program.kill());
  const { threadId } = await until("it opens a conversation", async () => {
    const { items } = await world.client.get(`/api/projects/${project.id}/threads`);
    return items[0];
  });

  const page = await browser.login(`/projects/${project.id}/threads/${threadId}`);
  await page.getByText("I run the tests of this project every night.").last().waitFor();
  const log = await world.client.get(`/api/projects/${project.id}/logs`);
  assert.deepEqual(
    log.items.map((/** @type {any} */ line) => `${line.level} ${line.message}`),
    ["info Started testing", "info The night begins.", "warn No tests were found."],
  );
  const write = async (/** @type {string} */ text) => {
    await page.getByRole("textbox", { name: /Message/ }).fill(text);
    await page.keyboard.press("Enter");
  };
  // What only a session of this server has is not offered.
  await page.getByRole("radiogroup", { name: "Mode" }).waitFor({ state: "detached" });
  assert.equal(await page.getByRole("button", { name: "End session" }).count(), 0);
  const strange = 'a "quoted" word, a back\\slash, 寿司 and \u{1F363}';
  await write(strange);
  await page.getByText(`You wrote: ${strange}`).last().waitFor();
  await world.killServer();
  await world.startServer();
  await write("still there?");
  await page.getByText("You wrote: still there?").last().waitFor();
  await browser.screenshot(page, "1-example");
  await write("stop");
  await page.getByText("This conversation has ended").waitFor();
  assert.deepEqual(await ended, [0, null]);
  const { items } = await world.client.get(`/api/projects/${project.id}/runs`);
  assert.deepEqual([items[0].status, items[0].outputSummary], ["completed", "Ended as you asked."]);
});
