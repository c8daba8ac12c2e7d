// T8, T9 and T20: posts that are kept before they are answered, beside this disk's own time, nchan that keeps none, and a Node
// server with a transaction for each or for many.
import {
  count,
  course,
  faults,
  inRounds,
  load,
  loadBesideDisk,
  middle,
  payload,
  ratio,
  time,
} from "./rounds.mjs";
import { nchan, node, omakase, stored } from "./servers.mjs";

/** @typedef {import("./workbench.mjs").Row} Row */
/** @typedef {import("./rounds.mjs").Figures} Figures */

const push = node("push");
const group = node("group");
const perSecond = (/** @type {Figures} */ one) => one.acknowledged_per_s;

/**
 * @param {Map<string, Figures[]>} found
 * @param {string} name
 */
function say(found, name) {
  const wrong = faults(found, name);
  const times = [0.5, 0.99].map((share) =>
    time(middle(found, name, (one) => (share < 0.9 ? one.acknowledge_us.p50 : one.acknowledge_us.p99))),
  );
  return `${count(middle(found, name, perSecond))}/s, p50 ${times[0]}, p99 ${times[1]}${wrong && `, ${wrong}`}`;
}

/** @returns {Promise<Row[]>} */
async function manySenders() {
  const found = await inRounds([omakase, nchan, group, push], async (server) =>
    load(server, [...(await server.channels(64)), ...course, "--senders", "64"]),
  );
  const here = middle(found, omakase.name, perSecond);
  const to = (/** @type {string} */ name) => ratio(here, middle(found, name, perSecond));
  return [
    {
      id: "T8",
      what: "durable posts, 64 senders with a run each: a second, and until acknowledged",
      target: "≥ 0.6 × nchan without durability (goal 1.0 ×), ≥ 4 × node group, p99 ≤ 2 ms",
      here: `**${say(found, omakase.name)}**`,
      peer: [nchan, group, push].map(({ name }) => `${name}: ${say(found, name)}`).join("; "),
      ratio: `${to(nchan.name)}, ${to(group.name)}, ${to(push.name)}`,
    },
  ];
}

/** @returns {Promise<Row[]>} */
async function oneSender() {
  const found = await inRounds([omakase, push], async (server) =>
    loadBesideDisk(server, [...(await server.channels(1)), ...course, "--senders", "1"]),
  );
  const disk = middle(found, omakase.name, (one) => one.disk);
  const p50 = middle(found, omakase.name, (one) => one.acknowledge_us.p50);
  return [
    {
      id: "T9",
      what: "durable posts, one sender, until acknowledged",
      target: "p50 ≤ 1.7 × fdatasync",
      here: `**${say(found, omakase.name)}**`,
      peer: `this disk's fdatasync: p50 ${time(disk)}; ${push.name}: ${say(found, push.name)}`,
      ratio: ratio(p50, disk),
    },
  ];
}

/** @returns {Promise<Row[]>} */
async function killedAfter() {
  const found = await inRounds([omakase], async (/** @type {import("./servers.mjs").OurServer} */ server) => {
    const figures = await load(server, [...(await server.channels(16)), ...course, "--senders", "16"]);
    await server.world.killServer();
    await server.world.startServer();
    return { ...figures, stored: await stored(server, payload) };
  });
  const all = found.get(omakase.name) ?? [];
  const lost = all.reduce((sum, one) => sum + one.accepted - one.stored, 0);
  const rate = middle(found, omakase.name, perSecond);
  return [
    {
      id: "T20",
      what: "durable posts, 16 senders with a run each, each post answered; then kill -9, a new start, and what is stored counted",
      target: "≥ 10 × hapi's 1,662/s, none lost",
      here: `**${say(found, omakase.name)}**, ${lost === 0 ? "none lost" : `${lost} LOST`} of ${count(all.reduce((sum, one) => sum + one.accepted, 0))}`,
      peer: "hapi, when it was measured: 1,662/s",
      ratio: ratio(rate, 1662),
    },
  ];
}

export async function rows() {
  return [...(await manySenders()), ...(await oneSender()), ...(await killedAfter())];
}
