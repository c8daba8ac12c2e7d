// T1 to T5 and T10: from a post to its readers, beside nchan and a Node server. What is delivered counts for each reader.
import { count, course, faults, inRounds, load, loadBesideDisk, middle, ratio, time } from "./rounds.mjs";
import { nchan, node, omakase } from "./servers.mjs";

/** @typedef {import("./workbench.mjs").Row} Row */
/** @typedef {import("./rounds.mjs").Figures} Figures */

const push = node("push");
const beside = [omakase, nchan, push];

/**
 * @param {number} channels
 * @param {string[]} args
 */
const deliver = (channels, ...args) =>
  inRounds(beside, async (server) =>
    load(server, [...(await server.channels(channels)), ...course, ...args]),
  );

const p50 = (/** @type {Figures} */ one) => one.delivery_us.p50;
const p99 = (/** @type {Figures} */ one) => one.delivery_us.p99;
const perSecond = (/** @type {Figures} */ one) => one.delivered_per_s;
const perProcessorSecond = (/** @type {Figures} */ one) => one.delivered / one.server.processor_s;
const processor = (/** @type {Figures} */ one) => one.server.processor_s / one.measured_s;

/**
 * A figure of each server in words, and the ratio of ours to nchan's.
 * @template T
 * @param {Map<string, T[]>} found
 * @param {(name: string) => string} say
 */
function sideBySide(found, say) {
  const [here, ...peers] = [...found.keys()];
  return { here: `**${say(here)}**`, peer: peers.map((name) => `${name}: ${say(name)}`).join("; ") };
}

/**
 * @param {Map<string, Figures[]>} found
 * @param {string} name
 */
function rateAndLatency(found, name) {
  const wrong = faults(found, name);
  const times = [p50, p99].map((figure) => time(middle(found, name, figure)));
  return `${count(middle(found, name, perSecond))}/s, p50 ${times[0]}, p99 ${times[1]}${wrong && `, ${wrong}`}`;
}

/**
 * @template T
 * @param {Map<string, T[]>} found
 * @param {(figures: T) => number} figure
 */
const toNchan = (found, figure) =>
  ratio(middle(found, omakase.name, figure), middle(found, nchan.name, figure));

/** @returns {Promise<Row[]>} */
async function oneRun() {
  const one = await deliver(1, "--readers", "1000", "--senders", "1");
  const many = await deliver(1, "--readers", "1000", "--senders", "16");
  const row = (/** @type {Map<string, Figures[]>} */ found) => ({
    ...sideBySide(found, (name) => rateAndLatency(found, name)),
    ratio: `${toNchan(found, perSecond)}, p99 ${toNchan(found, p99)}`,
  });
  const cost = (/** @type {string} */ name) => middle(many, name, perProcessorSecond);
  return [
    {
      id: "T1",
      what: "events delivered: 1 run, 1,000 readers, one sender that posts when it is answered",
      target: "≥ 2 × nchan, p99 ≤ 0.25 ×",
      ...row(one),
    },
    {
      id: "T2",
      what: "the same with 16 senders",
      target: "≥ 6 × nchan, p99 ≤ 1.0 ×, none lost, no reader cut off",
      ...row(many),
    },
    {
      id: "T3",
      what: "its events per second of the server's processor time",
      target: "≥ 10 × nchan, ≥ 50 × node push",
      ...sideBySide(many, (name) => count(cost(name))),
      ratio: `${ratio(cost(omakase.name), cost(nchan.name))}, ${ratio(cost(omakase.name), cost(push.name))}`,
    },
  ];
}

/** @returns {Promise<Row[]>} */
async function steady() {
  const found = await deliver(1, "--readers", "1000", "--senders", "4", "--rate", "50");
  const say = (/** @type {string} */ name) =>
    `${rateAndLatency(found, name)}, ${middle(found, name, processor).toFixed(2)} cores`;
  const ratios = `p50 ${toNchan(found, p50)}, p99 ${toNchan(found, p99)}, processor ${toNchan(found, processor)}`;
  const what = "50 messages/s to 1,000 readers of one run";
  const target = "p50 and p99 ≤ 1.1 × nchan, processor ≤ 0.7 ×";
  return [{ id: "T4", what, target, ...sideBySide(found, say), ratio: ratios }];
}

/** @returns {Promise<Row[]>} */
async function manyRuns() {
  const args = [...course, "--readers", "1000", "--senders", "16", "--rate", "1000"];
  const found = await inRounds(beside, async (server) =>
    loadBesideDisk(server, [...(await server.channels(1000)), ...args]),
  );
  const disk = middle(found, omakase.name, (one) => one.disk);
  const allowed = middle(found, nchan.name, p50) + 2.5 * disk;
  return [
    {
      id: "T5",
      what: "1,000 runs with a reader each, 1,000 messages/s",
      target: `p50 ≤ nchan + 2.5 × this disk's fdatasync (${time(disk)}: ${time(allowed)}), p99 ≤ 1.5 ms`,
      ...sideBySide(found, (name) => rateAndLatency(found, name)),
      ratio: `p50 ${toNchan(found, p50)}, p99 ${toNchan(found, p99)}`,
    },
  ];
}

/** @returns {Promise<Row[]>} */
async function original() {
  const poll = node("poll");
  const args = [...course, "--readers", "10", "--senders", "16", "--rate", "1000"];
  const found = await inRounds([omakase, poll], async (server) =>
    load(server, [...(await server.channels(1)), ...args]),
  );
  return [
    {
      id: "T10",
      what: "1 run, 10 readers, 1,000 messages/s of 16 senders, beside the original design: key of run and millisecond, asked each second",
      target: "p50 ≥ 1,000 × faster, none of its lost messages",
      ...sideBySide(found, (name) => rateAndLatency(found, name)),
      ratio: `p50 ${ratio(middle(found, poll.name, p50), middle(found, omakase.name, p50))} faster`,
    },
  ];
}

export async function rows() {
  return [...(await oneRun()), ...(await steady()), ...(await manyRuns()), ...(await original())];
}
