// Images and text files that are given with a message: on their way to the agent, on the page, and gone when they should be.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { sizes } from "./harness/browser.mjs";
import { invite } from "./harness/people.mjs";
import { Session } from "./harness/session.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** A picture of two by two pixels. */
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==",
  "base64",
);

test("the agent gets the files with the message, through a kill of the server in between", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!reply Ready.");
  await session.idle(await session.answer("Ready."));
  const image = await world.client.upload(project.id, "shot.png", picture);
  const text = await world.client.upload(
    project.id,
    "/tmp/notes.txt",
    "Mind the comma.\n/help is no command\n",
  );
  assert.deepEqual(
    [image.mediaType, image.size, text.name, text.mediaType],
    ["image/png", picture.length, "notes.txt", "text/plain"],
  );

  const message = { id: "with-files", content: "!reply Seen.", attachments: [image.id, text.id] };
  const path = `/api/threads/${session.threadId}/messages`;
  const first = await world.client.post(path, message);
  assert.deepEqual(first.message.attachments, [image, text]);
  await world.server?.end("SIGKILL");
  await world.startServer();
  const again = await world.client.call("POST", path, message);
  assert.deepEqual([again.status, again.body.message.attachments], [200, [image, text]]);
  const stored = () => world.client.get(`${path}?limit=100`);
  await until("it is answered", async () =>
    (await stored()).some((/** @type {any} */ one) => one.sender === "agent" && one.content === "Seen."),
  );
  const asked = await world.model.lastRequestInFull();
  assert.ok(asked.includes(picture.toString("base64")), "the picture");
  assert.ok(asked.includes("Attached image: shot.png"), "its name");
  assert.ok(asked.includes("Mind the comma.\\n/help is no command"), "the text");
  const same = (await stored()).filter((/** @type {any} */ one) => one.id === "with-files");
  assert.equal(same.length, 1, "and once");
});

test("what waits keeps its files over an edit, and gives them back when it is withdrawn", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const session = await Session.start(world, project.id, "!hold gate\n!reply First.");
  await world.model.heldAt("gate");
  const file = await world.client.upload(project.id, "a.txt", "the letter a");
  const path = `/api/agent-runs/${session.runId}/messages`;
  const post = (/** @type {object} */ body) => world.client.call("POST", path, { sender: "user", ...body });
  const waiting = (await post({ content: "old words", attachments: [file.id], queued: true })).body;
  const other = await post({ content: "the same file", attachments: [file.id] });
  assert.deepEqual([other.status, other.body.code], [409, "attachment_used"]);
  const edited = await world.client.call("PATCH", `${path}/${waiting.id}`, { content: "new words" });
  assert.deepEqual(edited.body.attachments, [file]);
  const withdrawn = await world.client.call("DELETE", `${path}/${waiting.id}`);
  assert.equal(withdrawn.body.attachments, undefined);
  // With a file, a message needs no words.
  const without = await post({ attachments: [file.id] });
  assert.deepEqual([without.status, without.body.content], [201, ""]);
  await world.model.release("gate");
  await until("the model has the file", async () =>
    (await world.model.lastRequestInFull()).includes("the letter a"),
  );
});

test("what is no file to give is refused, and says why", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const path = `/api/projects/${project.id}/attachments?name=x`;
  const refused = async (/** @type {string | Uint8Array} */ bytes, type = "application/octet-stream") => {
    const { status, body } = await world.client.callWith("POST", path, bytes, type);
    return `${status} ${body.code}`;
  };
  assert.equal(await refused(""), "400 required");
  assert.equal(await refused(Buffer.from([0x50, 0x4b, 3, 4, 0])), "415 unsupported_file");
  assert.equal(await refused(Buffer.from("%PDF-1.7\n\xe2\xe3", "latin1")), "415 unsupported_file");
  assert.equal(await refused("hello", "text/plain"), "415 unsupported_media_type");
  assert.equal(await refused("hello", "multipart/form-data; boundary=x"), "415 unsupported_media_type");
  assert.equal(await refused("x".repeat(256 * 1024 + 1)), "413 attachment_too_large");
  const large = Buffer.concat([picture, Buffer.alloc(3_750_000)]);
  assert.equal(await refused(large), "413 attachment_too_large");
  assert.equal(await refused(Buffer.alloc((4 << 20) + 1)), "413 body_too_large");
  // Elsewhere the limit is as it was.
  const elsewhere = await world.client.call("POST", "/api/projects", { name: "x".repeat(2 << 20) });
  assert.deepEqual([elsewhere.status, elsewhere.body.code], [413, "body_too_large"]);

  const { threadId } = await world.client.post("/api/agents/nori/threads", { projectId: project.id });
  const send = async (/** @type {unknown} */ attachments) => {
    const body = { content: "!reply no", attachments };
    const answer = await world.client.call("POST", `/api/threads/${threadId}/messages`, body);
    return `${answer.status} ${answer.body.code}`;
  };
  const other = await world.client.post("/api/projects", { name: "elsewhere" });
  const foreign = await world.client.upload(other.id, "x", "x");
  assert.equal(await send("one"), "400 invalid_type");
  assert.equal(await send([1]), "400 invalid_type");
  assert.equal(await send(["none"]), "404 attachment_not_found");
  assert.equal(await send([foreign.id]), "404 attachment_not_found");
  assert.equal(await send(Array.from({ length: 11 }, () => "none")), "400 too_many");
});

test("a file is served as what it is and nothing more; a program reads those of its own conversation", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId: project.id });
  const start = (/** @type {object} */ more) =>
    world.client.post("/api/agent-runs", { projectId: project.id, agentName: "toro", ...more });
  const { run, token } = await start({ threadId });
  const { token: otherToken } = await start({});
  const page = await world.client.upload(project.id, 'a "page".html', "<script>alert(1)</script>");
  const path = `/api/agent-runs/${run.id}/messages`;
  await world.client.post(path, { sender: "user", content: "read this", attachments: [page.id] });
  const program = new Api(world.base, token);
  const [asked] = await program.get(path);
  const read = await program.call("GET", `/api/attachments/${asked.attachments[0].id}`);
  assert.equal(read.body, "<script>alert(1)</script>");
  assert.equal(read.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(read.headers.get("x-content-type-options"), "nosniff");
  assert.equal(read.headers.get("content-disposition"), "attachment; filename*=UTF-8''a%20%22page%22.html");
  const other = await new Api(world.base, otherToken).call("GET", `/api/attachments/${page.id}`);
  assert.deepEqual([other.status, other.body.code], [403, "wrong_run"]);
});

test("messages say who wrote them", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const ana = await invite(world, "Ana Lopes", "developer", [project.id]);
  const { threadId } = await ana.api.post("/api/agents/nori/threads", { projectId: project.id });
  const { message } = await ana.api.post(`/api/threads/${threadId}/messages`, { content: "!reply Hello." });
  assert.equal(message.author.name, "Ana Lopes");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads/${threadId}`);
  await page.getByRole("article", { name: "Ana Lopes" }).getByText("!reply Hello.").waitFor();
  await page.getByRole("log").getByText("Hello.", { exact: true }).waitFor();
  const { items } = await world.client.get(`/api/projects/${project.id}/search?q=hello`);
  const hers = items.find((/** @type {any} */ { message: found }) => found?.sender === "user");
  assert.equal(hers.message.author.name, "Ana Lopes");
  await page.getByRole("textbox", { name: "Message Nori" }).fill("!reply And you.");
  await page.keyboard.press("Enter");
  await page.getByRole("article", { name: "You" }).getByText("!reply And you.").waitFor();
});

/**
 * Lets files go over the page, as if from the desktop.
 * @param {Page} page
 * @param {{ name: string, text: string }[]} files
 */
const drop = (page, files) =>
  page.evaluate((given) => {
    const data = new DataTransfer();
    for (const { name, text } of given) data.items.add(new File([text], name));
    for (const type of ["dragover", "drop"]) {
      window.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
  }, files);

test("the page takes files by button, drop and paste, keeps them over a reload, and shows them", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads?compose=true`);
  const draft = page.getByRole("list", { name: "Attached files" }).first();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach images or text files" }).click();
  const chosen = await chooser;
  await chosen.setFiles([
    { name: "shot.png", mimeType: "image/png", buffer: picture },
    { name: "tool.zip", mimeType: "application/zip", buffer: Buffer.from([0x50, 0x4b, 3, 4, 0]) },
  ]);
  await page
    .getByRole("alert")
    .getByText(/^tool\.zip was not added\. Only images/)
    .waitFor();
  await draft.getByText("shot.png").waitFor();
  await drop(page, [
    { name: "notes.md", text: "# Notes" },
    { name: "away.txt", text: "not this one" },
  ]);
  await draft.getByText("away.txt").waitFor();
  await page.getByRole("button", { name: "Remove away.txt" }).click();
  await draft.getByText("notes.md").waitFor();
  await page.reload();
  await draft.getByText("notes.md").waitFor();
  assert.equal(await draft.getByRole("listitem").count(), 2);

  await page.getByRole("textbox", { name: "Message Nori" }).fill("!reply Looked.");
  await page.keyboard.press("Enter");
  const sent = page.getByRole("article", { name: "You" }).first();
  await sent.getByRole("img", { name: "shot.png" }).waitFor();
  await until("the picture is drawn", () =>
    sent.getByRole("img").evaluate((img) => /** @type {HTMLImageElement} */ (img).naturalWidth === 2),
  );
  await page.getByRole("log").getByText("Looked.", { exact: true }).waitFor();
  assert.ok((await world.model.lastRequestInFull()).includes("# Notes"));
  await sent.getByRole("button", { name: /notes\.md/ }).click();
  await page.getByRole("dialog", { name: "notes.md" }).getByText("# Notes").waitFor();
  await page.keyboard.press("Escape");

  // A picture from the clipboard alone is all of a message.
  await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "image.png", { type: "image/png" }));
    const box = document.querySelector("textarea");
    box?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, picture.toString("base64"));
  await page.getByRole("button", { name: "Remove image.png" }).waitFor();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("img", { name: "image.png" }).waitFor();
  await until("the agent has it", async () =>
    (await world.model.lastRequestInFull()).includes("Attached image: image.png"),
  );
  // One was refused, which the browser tells its console.
  const complaints = browser.complaints.filter((line) => !line.includes("status of 415"));
  assert.deepEqual([complaints, browser.foreign], [[], []]);
});

test("a large picture is made smaller by the page", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const browser = await world.browser();
  const page = await browser.login(`/projects/${project.id}/threads?compose=true`, { size: sizes.phone });
  await page.getByRole("textbox", { name: "Message Nori" }).waitFor();
  await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [4000, 1000];
    const pen = canvas.getContext("2d");
    for (let i = 0; pen && i < 4000; ++i) {
      pen.fillStyle = `hsl(${(i * 37) % 360} 80% 50%)`;
      pen.fillRect(i, 0, 1, 1000);
    }
    const blob = await new Promise((done) => canvas.toBlob(done));
    const data = new DataTransfer();
    data.items.add(new File([/** @type {Blob} */ (blob)], "wide.png", { type: "image/png" }));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
  });
  await page.getByRole("button", { name: "Remove wide.png" }).waitFor();
  const width = await page
    .getByRole("list", { name: "Attached files" })
    .locator("img")
    .evaluate(async (img) => {
      await /** @type {HTMLImageElement} */ (img).decode();
      return /** @type {HTMLImageElement} */ (img).naturalWidth;
    });
  assert.equal(width, 2000);
});

test("files go with their conversation", async (t) => {
  const world = await startWorld(t);
  const project = await world.project("greeter");
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId: project.id });
  const body = { projectId: project.id, agentName: "toro", threadId };
  const { run } = await world.client.post("/api/agent-runs", body);
  const file = await world.client.upload(project.id, "secret.txt", "xylophone-in-the-file");
  const message = { sender: "user", content: "keep it", attachments: [file.id] };
  await world.client.post(`/api/agent-runs/${run.id}/messages`, message);
  await world.client.call("PATCH", `/api/agent-runs/${run.id}`, { status: "completed" });
  await world.client.delete(`/api/threads/${threadId}`);
  assert.equal((await world.client.call("GET", `/api/attachments/${file.id}`)).status, 404);
  await world.server?.end("SIGTERM");
  const database = readFileSync(join(world.data, "omakase.db"));
  assert.ok(!database.includes("xylophone-in-the-file"), "and leave the disk");
  await world.startServer();
});
