// T6, T7 and T18: what open streams cost, how fast they open, and what those do that nobody reads.
import { readFileSync } from "node:fs";

import { count, faults, inRounds, load, middle, ratio } from "./rounds.mjs";
import { nchan, node, omakase, stored } from "./servers.mjs";

/** @typedef {import("./workbench.mjs").Row} Row */
/** @typedef {import("./rounds.mjs").Figures} Figures */

const push = node("push");
const beside = [omakase, nchan, push];

/** As many streams as one process may hold here, 10,000 at most. */
function mostStreams() {
  const limit = Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  return Math.min(10_000, limit - 500 || 10_000);
}

/** @returns {Promise<Row[]>} */
async function idle() {
  const streams = mostStreams();
  const args = ["--readers", String(streams), "--warm-up", "2", "--seconds", "5"];
  const found = await inRounds(beside, async (server) =>
    load(server, [...(await server.channels(1)), ...args]),
  );
  const bytes = (/** @type {string} */ name) =>
    middle(
      found,
      name,
      ({ server }) => ((server.from.private_kb - server.before.private_kb) * 1024) / streams,
    );
  const processor = (/** @type {string} */ name) =>
    middle(found, name, (one) => (one.server.processor_s / one.measured_s) * 100);
  const say = (/** @type {string} */ name) =>
    `${count(Math.round(bytes(name)))} bytes each, ${processor(name).toFixed(1)} % of a core${wrong(found, name)}`;
  return [
    {
      id: "T6",
      what: `private memory of ${streams.toLocaleString("en")} idle streams`,
      target: "≤ 512 bytes each, no idle processor time",
      here: `**${say(omakase.name)}**`,
      peer: `${nchan.name}: ${say(nchan.name)}; ${push.name}: ${say(push.name)}`,
      ratio: ratio(bytes(omakase.name), bytes(nchan.name)),
    },
  ];
}

/**
 * @param {Map<string, Figures[]>} found
 * @param {string} name
 */
const wrong = (found, name) => faults(found, name) && `, ${faults(found, name)}`;

/** @returns {Promise<Row[]>} */
async function opening() {
  const streams = 3000;
  const found = await inRounds(beside, async (server) => {
    const where = await server.replaying(1);
    await load(server, [...where, "--senders", "1", "--count", "20"]);
    const args = ["--readers", String(streams), "--ready-events", "20", "--warm-up", "0", "--seconds", "0"];
    return load(server, [...where, ...args]);
  });
  const perSecond = (/** @type {string} */ name) =>
    middle(found, name, (one) => one.connected / one.connect_s);
  const say = (/** @type {string} */ name) => `${count(Math.round(perSecond(name)))}/s${wrong(found, name)}`;
  return [
    {
      id: "T7",
      what: `streams opened, ${streams.toLocaleString("en")} at 64 a time, each with the last 20 messages (here also with the login checked)`,
      target: "≥ 0.5 × nchan",
      here: `**${say(omakase.name)}**`,
      peer: `${nchan.name}: ${say(nchan.name)}; ${push.name}: ${say(push.name)}`,
      ratio: ratio(perSecond(omakase.name), perSecond(nchan.name)),
    },
  ];
}

/** @returns {Promise<Row[]>} */
async function stalled() {
  const messages = 2560;
  const args = ["--stalled", "200", "--readers", "1", "--senders", "1", "--count", String(messages)];
  const found = await inRounds(beside, async (server, name) => {
    const where = await server.channels(1);
    const figures = await load(server, [...where, ...args, "--seconds", "60"], {
      content: 4096,
    });
    return { ...figures, stored: name === omakase.name ? await stored(server, 4096) : 0 };
  });
  const grown = (/** @type {string} */ name) =>
    middle(found, name, ({ server }) => (server.peak_resident_kb - server.from.resident_kb) / 1024);
  const say = (/** @type {string} */ name) => `+${grown(name).toFixed(0)} MB${wrong(found, name)}`;
  const kept = (found.get(omakase.name) ?? []).every(
    (one) => one.stored === messages && one.accepted === messages,
  );
  return [
    {
      id: "T18",
      what: "resident memory while 10 MiB stream to 200 readers that take nothing, and to one that does",
      target: "≤ +50 MB, nothing cut in the store",
      here: `**${say(omakase.name)}**, ${kept ? "everything stored" : "NOT everything stored"}`,
      peer: `${nchan.name}: ${say(nchan.name)}; ${push.name}: ${say(push.name)}`,
    },
  ];
}

export async function rows() {
  return [...(await idle()), ...(await opening()), ...(await stalled())];
}
