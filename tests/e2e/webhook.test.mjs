// A project's webhook: what a receiver gets when an agent asks, fails or is done, and how a person sets it up.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { invite } from "./harness/people.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {{ path: string | undefined, headers: import("node:http").IncomingHttpHeaders, body: any, text: string }} Call */

/**
 * What is called; `answer` says with which status.
 * @param {import("node:test").TestContext} t
 * @param {(n: number) => number} answer
 */
async function receiver(t, answer = () => 204) {
  /** @type {Call[]} */
  const calls = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    calls.push({ path: request.url, headers: request.headers, body: JSON.parse(text), text });
    const status = answer(calls.length);
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end("x".repeat(100_000));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    calls,
    url: `http://127.0.0.1:${port}/hook?key=1`,
    next: (/** @type {string} */ event) =>
      until(`${event} arrives`, () => calls.find(({ body }) => body.event === event)),
  };
}

test("a question, an error and the end of a turn are told, signed, and only what was asked for", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const path = `/api/projects/${project.id}/webhook`;
  assert.deepEqual(await world.client.get(path), { webhook: null });
  const hook = await receiver(t);
  const { body: kept } = await world.client.call("PUT", path, { url: hook.url });
  assert.deepEqual(kept.webhook.kinds, ["question", "error", "turn"]);

  const prompt = '!tool Bash {"command":"touch one"}\n!reply done';
  const session = await Session.start(world, project.id, prompt, { permissionMode: "ask" });
  const asked = await session.stream.next("the agent asks", (one) => one.event === "permission-request");
  const question = await hook.next("question");
  const link = `${world.base}/projects/${project.id}/threads/${session.threadId}`;
  assert.deepEqual(
    { ...question.body, id: "", timestamp: "" },
    {
      id: "",
      event: "question",
      text: `Nori asks permission in greeter: ${link}`,
      project: { id: project.id, name: "greeter" },
      agent: "nori",
      runId: session.runId,
      threadId: session.threadId,
      link,
      timestamp: "",
    },
  );
  const signature = `sha256=${createHmac("sha256", kept.secret).update(question.text).digest("hex")}`;
  assert.equal(question.headers["x-omakase-signature"], signature);
  assert.equal(question.headers["x-omakase-delivery"], question.body.id);
  assert.equal(question.path, "/hook?key=1");
  assert.ok(!question.text.includes("touch one"), "nothing that was said");

  await world.client.post(`/api/agent-runs/${session.runId}/permissions/${asked.data.requestId}`, {
    behavior: "allow",
  });
  assert.equal((await hook.next("turn")).body.text, `Nori is done and waits for you in greeter: ${link}`);
  await until("it is known that it was delivered", async () => {
    const { webhook } = await world.client.get(path);
    return webhook.lastDelivery?.delivered && webhook.lastDelivery.detail === "answered 204";
  });

  // Of a program's run, its failure; what is not asked for is not sent, and a change keeps the secret.
  const changed = await world.client.call("PUT", path, { url: hook.url, kinds: ["error"] });
  assert.deepEqual([changed.body.secret, changed.body.webhook.kinds], [null, ["error"]]);
  const body = { projectId: project.id, agentName: "toro" };
  const { run, token } = await world.client.post("/api/agent-runs", body);
  await session.end();
  await new Api(world.base, token).call("PATCH", `/api/agent-runs/${run.id}`, { status: "failed" });
  assert.equal((await hook.next("error")).body.agent, "toro");
  assert.deepEqual(
    hook.calls.map((call) => call.body.event),
    ["question", "turn", "error"],
  );
});

test("a receiver that is away for a moment gets it all the same, once it has taken it no more", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const hook = await receiver(t, (n) => (n === 1 ? 503 : 200));
  await world.client.call("PUT", `/api/projects/${project.id}/webhook`, { url: hook.url, kinds: ["turn"] });
  const session = await Session.start(world, project.id, "!reply done");
  await session.idle(await session.answer("done"));
  await until("it came again", () => hook.calls.length === 2);
  assert.equal(hook.calls[0].body.id, hook.calls[1].body.id);
  await until("it was delivered", async () => {
    const { webhook } = await world.client.get(`/api/projects/${project.id}/webhook`);
    return webhook.lastDelivery?.detail === "answered 200";
  });
  assert.equal(hook.calls.length, 2);
});

test("what asked before a restart is not told again because of it", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const hook = await receiver(t);
  await world.client.call("PUT", `/api/projects/${project.id}/webhook`, { url: hook.url });
  const prompt = '!tool Bash {"command":"touch one"}\n!reply done';
  const session = await Session.start(world, project.id, prompt, { permissionMode: "ask" });
  await hook.next("question");
  await world.server?.end("SIGTERM");
  await world.startServer();
  const pending = `/api/agent-runs/${session.runId}/permissions`;
  const { items } = await world.client.get(pending);
  await world.client.post(`${pending}/${items[0].requestId}`, { behavior: "allow" });
  await hook.next("turn");
  assert.deepEqual(
    hook.calls.map((call) => call.body.event),
    ["question", "turn"],
  );
});

test("an address that is none is refused; only administrators set one; a redirect is not followed", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const path = `/api/projects/${project.id}/webhook`;
  for (const [body, code] of [
    [{}, "required"],
    [{ url: "ftp://host" }, "invalid_url"],
    [{ url: "https://me:secret@host/" }, "invalid_url"],
    [{ url: "http://169.254.169.254/latest/meta-data" }, "invalid_url"],
    [{ url: "https://host", kinds: ["all"] }, "invalid_kind"],
    [{ url: "https://host", kinds: "error" }, "invalid_type"],
  ]) {
    const answer = await world.client.call("PUT", path, body);
    assert.deepEqual([answer.status, answer.body.code], [400, code], JSON.stringify(body));
  }
  assert.equal((await world.client.call("POST", `${path}/test`, {})).body.code, "webhook_not_found");
  const ana = await invite(world, "Ana", "developer", [project.id]);
  assert.equal((await ana.api.call("GET", path)).status, 403);

  const hook = await receiver(t, () => 302);
  await world.client.call("PUT", path, { url: hook.url });
  const { webhook } = await world.client.post(`${path}/test`, {});
  assert.deepEqual([webhook.lastDelivery.delivered, webhook.lastDelivery.detail], [false, "answered 302"]);
  assert.equal(hook.calls.length, 1);
  assert.equal((await world.client.call("DELETE", path)).status, 204);
  assert.equal((await world.client.call("DELETE", path)).body.code, "webhook_not_found");
});

test("an administrator adds a webhook on the page, tries it, and sees how it went", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const hook = await receiver(t, (n) => (n === 1 ? 200 : 404));
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/settings`);
  const section = page.getByRole("region", { name: "Webhook" });
  await section.getByRole("button", { name: "Add a webhook" }).click();
  await section.getByRole("textbox", { name: "Address" }).fill("hooks.example.org");
  await section.getByRole("button", { name: "Save" }).click();
  await section.getByText(/must be an address that begins with/).waitFor();
  await section.getByRole("textbox", { name: "Address" }).fill(hook.url);
  await section.getByRole("checkbox", { name: /Finished turns/ }).uncheck();
  await section.getByRole("button", { name: "Save" }).click();
  await section.getByText("Questions, Errors").waitFor();
  await section.getByText(/^omw_/).waitFor();
  await section.getByRole("button", { name: "Send a test" }).click();
  await section.getByText(/^Delivered, .* answered 200$/).waitFor();
  assert.equal(hook.calls[0].body.event, "test");
  await section.getByRole("button", { name: "Send a test" }).click();
  await section.getByText(/^Not delivered, .* answered 404$/).waitFor();
  await page.reload();
  await section.getByText(/^Not delivered/).waitFor();
  assert.equal(await section.getByText(/^omw_/).count(), 0, "the secret is shown once");
  await browser.screenshot(page, "webhook");
  await section.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove it" }).click();
  await section.getByText("None").waitFor();
});
