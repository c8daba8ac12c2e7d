// T15: the last hundred messages of a long run, and a stream that is resumed in its middle, beside a run of a thousand messages:
// what it costs must follow what is sent, not what exists.
import { once } from "node:events";
import { Agent, get } from "node:http";

import { load, time } from "./rounds.mjs";
import { omakase } from "./servers.mjs";
import { quantile } from "./workbench.mjs";

/** @typedef {import("./workbench.mjs").Row} Row */
/** @typedef {import("./workbench.mjs").WorldType} WorldType */

const repeats = 200;
const wanted = 100;
const long = Number(process.env.OMAKASE_BENCH_HISTORY ?? 1_000_000);
const short = 1000;

/** One connection for the requests of a history, as a browser keeps it. */
const kept = new Agent({ keepAlive: true, maxSockets: 1 });

/**
 * Asks and reads until so many messages of a stream have come, or all of an answer; answers how long that took, in microseconds.
 * @param {WorldType} world
 * @param {string} path
 * @param {{ headers?: Record<string, string>, messages?: number }} [options]
 */
async function ask(world, path, { headers = {}, messages = 0 } = {}) {
  const start = performance.now();
  const asked = get(world.base + path, {
    headers: { ...world.client.headers, ...headers },
    ...(messages ? {} : { agent: kept }),
  });
  const [response] = await once(asked, "response");
  if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode}`);
  let [came, end] = [0, ""];
  for await (const piece of response) {
    if (!messages) continue;
    const text = end + piece.toString("latin1");
    end = text.slice(-4); // one may be cut in two
    came += text.split("\nid: ").length - 1;
    if (came >= messages) break; // which closes the stream
  }
  const us = (performance.now() - start) * 1000;
  asked.destroy();
  return us;
}

/**
 * @param {WorldType} world
 * @param {string} path
 * @param {string} middle a time between the run's first and last message
 */
async function measure(world, path, middle) {
  /** @type {{ tail: number[], resumed: number[] }} */
  const found = { tail: [], resumed: [] };
  for (let i = 0; i < repeats; ++i) {
    found.tail.push(await ask(world, `${path}?limit=${wanted}&tail=1`));
    const resumed = { headers: { "last-event-id": middle }, messages: wanted };
    found.resumed.push(await ask(world, `${path}/stream`, resumed));
  }
  return found;
}

/**
 * Fills a run; answers its path and the time of a message in its middle.
 * @param {import("./servers.mjs").OurServer} server
 * @param {number} messages
 */
async function fill(server, messages) {
  const where = await server.channels(1);
  const { accepted } = await load(server, [
    ...[...where, "--senders", "64", "--count", String(messages)],
    ...["--seconds", "600"],
  ]);
  if (accepted !== messages) throw new Error(`${accepted} of ${messages} messages were accepted`);
  const path = `/api/agent-runs/${server.runs[0]}/messages`;
  const [first] = await server.world.client.get(`${path}?limit=1`);
  const [last] = await server.world.client.get(`${path}?limit=1&tail=1`);
  const times = [first, last].map((one) => Date.parse(one.timestamp));
  return { path, middle: `${new Date((times[0] + times[1]) / 2).toISOString().slice(0, -1)}000Z` };
}

/** @returns {Promise<Row[]>} */
export async function rows() {
  const server = await omakase.start();
  try {
    const small = await fill(server, short);
    const large = await fill(server, long);
    const before = await measure(server.world, small.path, small.middle);
    const found = await measure(server.world, large.path, large.middle);
    const row = (/** @type {string} */ what, /** @type {"tail" | "resumed"} */ which) => ({
      id: "T15",
      what: `of a run of ${long.toLocaleString("en")} messages: ${what}`,
      target: "p95 ≤ 5 ms",
      here: `**p95 ${time(quantile(found[which], 0.95))}** (p50 ${time(quantile(found[which], 0.5))})`,
      peer: `a run of 1,000: p95 ${time(quantile(before[which], 0.95))} (p50 ${time(quantile(before[which], 0.5))})`,
    });
    return [
      row(`the last ${wanted}`, "tail"),
      row(`resumed in the middle, until ${wanted} messages have come`, "resumed"),
    ];
  } finally {
    await server.end();
  }
}
