// T17: the first load of the interface in a browser that has seen nothing of it, and a conversation of five thousand messages:
// until its end is drawn, and whether the page ever stops while it is read upwards.
import { createServer } from "node:http";
import { once } from "node:events";

import { Api } from "../tests/e2e/harness/api.mjs";
import { inWorld, median, pause } from "./workbench.mjs";

/** @typedef {import("../tests/e2e/harness/browser.mjs").Page} Page */
/** @typedef {import("../tests/e2e/harness/browser.mjs").Browser} Browser */

const rounds = Number(process.env.OMAKASE_BENCH_ROUNDS ?? 5);
const messages = 5_000;
const atOnce = 20;
const turns = 60; // of the wheel
const restMs = 1500; // until a page that was drawn has come to rest: its stream keeps the network busy

/** Keeps what the browser says of its own work. It runs in the page, before everything else. */
function watch() {
  const kept = { largest: 0, long: /** @type {number[]} */ ([]) };
  Object.assign(globalThis, { kept });
  const see = (/** @type {string} */ type, /** @type {(entry: PerformanceEntry) => void} */ take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  see("largest-contentful-paint", ({ startTime }) => (kept.largest = startTime));
  see("longtask", ({ duration }) => kept.long.push(duration));
}
/** @param {Page} page @returns {Promise<{ largest: number, long: number[] }>} */
const seen = (page) => page.evaluate(() => /** @type {any} */ (globalThis).kept);

/**
 * A page of a browser without anything kept but the login, and the bytes of scripts that it fetches.
 * @param {Browser} browser
 * @param {any[]} cookies
 */
async function freshPage(browser, cookies) {
  const page = await browser.page();
  await page.context().addCookies(cookies);
  await page.addInitScript(watch);
  const protocol = await page.context().newCDPSession(page);
  await protocol.send("Network.enable");
  const scripts = new Set();
  let bytes = 0;
  protocol.on(
    "Network.responseReceived",
    ({ requestId, type }) => type === "Script" && scripts.add(requestId),
  );
  protocol.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  return { page, bytes: () => bytes, close: () => page.context().close() };
}

/**
 * @param {Browser} browser
 * @param {any[]} cookies
 * @param {string} url
 * @param {(page: Page) => Promise<unknown>} ready
 */
async function firstLoad(browser, cookies, url, ready) {
  const { page, bytes, close } = await freshPage(browser, cookies);
  await page.goto(url);
  await ready(page);
  const kilobytes = bytes() / 1000; // what is fetched ahead of a click comes later
  await pause(restMs);
  const { largest } = await seen(page);
  await close();
  return { largest, kilobytes };
}

/** A server of one sentence: what any page costs this browser on this machine. */
async function sentence() {
  const server = createServer((_, response) => {
    response
      .setHeader("content-type", "text/html")
      .end("<!doctype html><title>x</title><h1>One sentence.</h1>");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** @param {import("./workbench.mjs").WorldType} world */
async function longThread(world) {
  const project = await world.project("long");
  const { threadId } = await world.client.post("/api/agents/toro/threads", { projectId: project.id });
  const body = { projectId: project.id, agentName: "toro", threadId };
  const { run, token } = await world.client.post("/api/agent-runs", body);
  const program = new Api(world.base, token);
  const say = (/** @type {number} */ n) =>
    program.post(`/api/agent-runs/${run.id}/messages`, {
      sender: "agent",
      content: `Message ${n}. ${"Some words with **weight** and \`code\`. ".repeat(n % 7)}`,
    });
  for (let at = 0; at < messages - 1; at += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, messages - 1 - at) }, (_, n) => say(at + n)));
  }
  await say(messages);
  return `${world.base}/projects/${project.id}/threads/${threadId}`;
}

/**
 * @param {Browser} browser
 * @param {any[]} cookies
 * @param {string} url
 */
async function readUpwards(browser, cookies, url) {
  const { page, close } = await freshPage(browser, cookies);
  const log = page.getByRole("log");
  const start = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await log.getByText(`Message ${messages}.`).waitFor();
  const end = performance.now() - start;
  await pause(restMs);
  const opening = (await seen(page)).long;
  await log.hover();
  for (let turn = 0; turn < turns; ++turn) {
    await page.mouse.wheel(0, -900);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  }
  const { long } = await seen(page);
  await close();
  return { end, opening, reading: long.slice(opening.length) };
}

/** @param {number[][]} tasks of the rounds */
function tasks(tasks) {
  const all = tasks.flat();
  if (all.length === 0) return "none";
  return `${(all.length / tasks.length).toFixed(1)} a round, the longest ${Math.max(...all).toFixed(0)} ms`;
}

/** @returns {Promise<import("./workbench.mjs").Row[]>} */
export async function rows() {
  return inWorld("page", async (world) => {
    const { id } = await world.project("greeter");
    const long = await longThread(world);
    const browser = await world.browser();
    const first = await browser.login();
    const cookies = await first.context().cookies();
    const plain = await sentence();
    const other = await (await browser.chromium.newContext()).newPage();
    await other.addInitScript(watch);
    /** @type {{ room: any[], plain: number[], long: any[] }} */
    const found = { room: [], plain: [], long: [] };
    for (let round = 0; round < rounds; ++round) {
      const drawn = (/** @type {Page} */ page) =>
        page.getByRole("heading", { name: "greeter" }).first().waitFor();
      found.room.push(await firstLoad(browser, cookies, `${world.base}/projects/${id}`, drawn));
      await other.goto(plain.url);
      await pause(restMs);
      found.plain.push((await seen(other)).largest);
      found.long.push(await readUpwards(browser, cookies, long));
    }
    plain.close();
    await other.close();
    const largest = median(found.room.map((one) => one.largest));
    return [
      {
        id: "T17",
        what: "first load of a project's page: compressed scripts; until its largest paint",
        target: "≤ 150 KB; ≤ 500 ms",
        here: `**${median(found.room.map((one) => one.kilobytes)).toFixed(0)} KB; ${largest.toFixed(0)} ms**`,
        peer: `a page of one sentence: ${median(found.plain).toFixed(0)} ms (peers were measured at 2.7 to 5.3 MB, 440 to 600 ms)`,
        ratio: `${(largest / median(found.plain)).toFixed(1)} ×`,
      },
      {
        id: "T17",
        what: `a conversation of ${messages.toLocaleString("en")} messages, until its end is drawn; tasks over 50 ms on opening it`,
        target: "< 1 s; none",
        here: `**${median(found.long.map((one) => one.end)).toFixed(0)} ms**; ${tasks(found.long.map((one) => one.opening))}`,
        peer: "",
      },
      {
        id: "T17",
        what: `read upwards, ${turns} turns of the wheel: tasks over 50 ms`,
        target: "none",
        here: `**${tasks(found.long.map((one) => one.reading))}**`,
        peer: "",
      },
    ];
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await rows());
