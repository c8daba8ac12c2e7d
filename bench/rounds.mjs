// Runs the load generator, in rounds of all servers one after the other, so that whatever else the machine does meets each of
// them; and puts the medians of the rounds side by side.
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { checkout, median } from "./workbench.mjs";

/** @typedef {import("./servers.mjs").Server} Server */
/** @typedef {import("./servers.mjs").Running} Running */
/** @typedef {{ p50: number, p95: number, p99: number, max: number, of: number }} Times in microseconds */
/** @typedef {{ private_kb: number, resident_kb: number }} Memory */

/**
 * What one run of the load generator found.
 * @typedef {{ connected: number, connect_s: number, connect_us: Times, measured_s: number, delivered: number, delivered_per_s: number,
 *   delivered_bytes_per_s: number, delivery_us: Times, acknowledged: number, acknowledged_per_s: number, acknowledge_us: Times,
 *   accepted: number, gaps: number, doubles: number, late: number, replayed: number, cut: number, refused: number,
 *   unanswered: number, statuses: Record<string, number>, all_connected: boolean, all_answered: boolean, all_delivered: boolean,
 *   own_processor_s: number, server: { processor_s: number, before: Memory, from: Memory, until: Memory, peak_resident_kb: number }
 * }} Figures
 */

/** Rounds and seconds of each measurement; the environment changes them for a short look or a long one. */
export const rounds = Number(process.env.OMAKASE_BENCH_ROUNDS ?? 3);
export const seconds = Number(process.env.OMAKASE_BENCH_SECONDS ?? 4);
/** For the load generator. */
export const course = ["--warm-up", "1", "--seconds", String(seconds)];

const programs = join(checkout, "build/release/bench");

/** Bytes of a message's content; the message around it has some 250 more. */
export const payload = 100;

/**
 * Sets the load generator on a server.
 * @param {Running} server
 * @param {string[]} args
 * @param {{ content?: number }} [options]
 * @returns {Promise<Figures>}
 */
export async function load(server, args, { content = payload } = {}) {
  const common = [
    "--port",
    String(server.port),
    "--watch-pid",
    String(server.pid),
    "--payload",
    String(content),
  ];
  const { stdout } = await promisify(execFile)(join(programs, "load"), [...common, ...args], { env: {} });
  return JSON.parse(stdout);
}

/**
 * The same, with how long this disk takes to hold on to one record, where the servers keep theirs: before and after, as it
 * changes with what else the machine does. In microseconds.
 * @param {Running} server
 * @param {string[]} args
 */
export async function loadBesideDisk(server, args) {
  const sync = async () =>
    JSON.parse((await promisify(execFile)(join(programs, "disk_sync"), [tmpdir(), "1"])).stdout).p50;
  const before = await sync();
  const figures = await load(server, args);
  return { ...figures, disk: (before + (await sync())) / 2 };
}

/**
 * Measures each server once a round, freshly started.
 * @template T
 * @param {Server[]} servers
 * @param {(server: any, name: string) => Promise<T>} measure
 * @returns {Promise<Map<string, T[]>>} by name
 */
export async function inRounds(servers, measure) {
  /** @type {Map<string, T[]>} */
  const found = new Map(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const { name, start } of servers) {
      const server = await start();
      try {
        const figures = await measure(server, name);
        if (process.env.OMAKASE_BENCH_LOG) console.error(name, JSON.stringify(figures));
        found.get(name)?.push(figures);
      } finally {
        await server.end();
      }
    }
  }
  return found;
}

/**
 * The median of one figure of a server's rounds.
 * @template T
 * @param {Map<string, T[]>} found
 * @param {string} name
 * @param {(figures: T) => number} figure
 */
export const middle = (found, name, figure) => median((found.get(name) ?? []).map(figure));

/**
 * What went wrong in a server's rounds, in words: "" when every accepted message came once, in order, to everyone.
 * @param {Map<string, Figures[]>} found
 * @param {string} name
 */
export function faults(found, name) {
  const all = found.get(name) ?? [];
  const sum = (/** @type {(figures: Figures) => number} */ figure) =>
    all.reduce((so_far, one) => so_far + figure(one), 0);
  const bad = (/** @type {Figures} */ one) =>
    Object.entries(one.statuses).reduce(
      (so_far, [status, times]) => so_far + (status.startsWith("2") ? 0 : times),
      0,
    );
  const kinds = [
    [sum((one) => one.gaps), "lost"],
    [sum((one) => one.doubles), "twice"],
    [sum((one) => one.late), "out of order"],
    [sum((one) => one.cut), "readers cut off"],
    [sum((one) => one.refused), "streams refused"],
    [sum((one) => one.unanswered), "posts unanswered"],
    [sum(bad), "refused by their status"],
    [sum((one) => (one.all_connected ? 0 : 1)), "rounds that did not connect"],
  ];
  return kinds
    .flatMap(([number, what]) => (Number(number) > 0 ? [`${count(Number(number))} ${what}`] : []))
    .join(", ");
}

/**
 * A number as people read it: 1,234,567 as "1.23 M".
 * @param {number} number
 */
export function count(number) {
  if (number >= 1e6) return `${(number / 1e6).toPrecision(3)} M`;
  if (number >= 1e4) return `${(number / 1e3).toPrecision(3)} k`;
  return number >= 100 || Number.isInteger(number) ? number.toFixed(0) : number.toPrecision(2);
}

/**
 * A time given in microseconds.
 * @param {number} us
 */
export const time = (us) =>
  us >= 1e6 ? `${(us / 1e6).toFixed(1)} s` : `${(us / 1e3).toPrecision(us >= 1e4 ? 3 : 2)} ms`;

/**
 * @param {number} here
 * @param {number} there
 */
export function ratio(here, there) {
  const times = here / there;
  return `${times >= 100 ? Math.round(times).toLocaleString("en") : times.toPrecision(2)} ×`;
}
