// What the programs of this folder measure with: the release build in a world of its own (tests/e2e/harness), agents that are
// real or scripted, and numbers in the order of their size.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { get, request } from "node:http";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { processesNaming } from "../tests/e2e/harness/processes.mjs";

export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const build = join(checkout, "build/release");
process.env.OMAKASE_BINARY ??= join(build, "omakase");
const claude = process.env.OMAKASE_CLAUDE_BIN ?? join(checkout, "tools/agents/node_modules/.bin/claude");
process.env.OMAKASE_CLAUDE_BIN = mixedAgents();

export const { World } = await import("../tests/e2e/harness/world.mjs");
const { Session } = await import("../tests/e2e/harness/session.mjs");

/** @typedef {import("../tests/e2e/harness/world.mjs").World} WorldType */
/** @typedef {import("../tests/e2e/harness/session.mjs").Session} SessionType */

/**
 * A program in a folder with the real Claude Code and the scripted agent: which of them runs is for the repository to say, by
 * a file `scripted` that holds the scripted agent's arguments.
 */
function mixedAgents() {
  const folder = join(build, "bench/agents");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}\n"); // the sandbox shows the folder of the package
  const real = join(folder, "real");
  try {
    linkSync(realpathSync(claude), real);
  } catch {
    copyFileSync(claude, real); // on another disk
  }
  copyFileSync(join(build, "bench/scripted_agent"), join(folder, "scripted"));
  const choice =
    '#!/bin/sh\nhere=${0%/*}\n[ ! -e scripted ] || exec "$here/scripted" $(cat scripted)\nexec "$here/real" "$@"\n';
  writeFileSync(join(folder, "claude"), choice, { mode: 0o755 });
  return join(folder, "claude");
}

/**
 * @template T
 * @param {string} name
 * @param {(world: WorldType) => Promise<T>} measure
 */
export async function inWorld(name, measure) {
  const world = new World(`bench ${name}`, { serve: ["--max-sessions", "64"] });
  await world.start();
  try {
    return await measure(world);
  } finally {
    await world.end();
  }
}

/**
 * Sessions with scripted agents, each in a project of its own.
 * @param {WorldType} world
 * @param {number} count
 * @param {{ words: number, paceMs: number }} answer
 */
export async function scriptedSessions(world, count, { words, paceMs }) {
  /** @type {SessionType[]} */
  const sessions = [];
  for (let i = 0; i < count; ++i) {
    const files = { scripted: `--words ${words} --pace-ms ${paceMs}\n` };
    const { id } = await world.project(`scripted-${i}`, files);
    const session = await Session.start(world, id, "begin");
    await session.stream.next("the agent speaks", (one) => one.event === "content-delta");
    session.stream.close();
    sessions.push(session);
  }
  return sessions;
}

/**
 * A session with the real Claude Code.
 * @param {WorldType} world
 */
export async function realSession(world) {
  const { id } = await world.project("real");
  const session = await Session.start(world, id, "!reply Ready.");
  await session.answer("Ready.");
  await session.idle();
  return session;
}

/** Claude Code without a server, started with the arguments and the settings of a session's: one line in, lines out. */
export class BareAgent {
  #number = 0;
  #rest = "";
  /** @type {(line: any) => void} */
  #see = () => {};

  /**
   * @param {WorldType} world
   * @param {SessionType} session
   */
  constructor(world, session) {
    const read = (/** @type {string} */ pid, /** @type {string} */ file) =>
      readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1);
    const agent = processesNaming(session.runId).find((line) => /^\d+ \S+\/agents\/real -p /.test(line));
    if (!agent) throw new Error("the session's agent does not run");
    const [pid] = agent.split(" ");
    const given = read(pid, "cmdline").slice(1);
    const named = given.findIndex((one) => one === "--session-id" || one === "--resume");
    const args = given.toSpliced(named, 2);
    const folder = join(world.folder, "bare");
    mkdirSync(folder, { recursive: true });
    const env = {
      ...Object.fromEntries(read(pid, "environ").map((one) => one.split(/=(.*)/s))),
      HOME: folder,
      ANTHROPIC_BASE_URL: world.model.base,
      ANTHROPIC_API_KEY: "practice",
    };
    this.child = spawn(claude, args, { cwd: folder, env });
    this.child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#see(JSON.parse(line));
    });
  }

  /** @param {object} line */
  write(line) {
    this.child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /**
   * Says this; `seen` gets every line until it answers true.
   * @param {string} content
   * @param {(line: any) => boolean} seen
   */
  async say(content, seen) {
    const done = new Promise((found) => (this.#see = (line) => seen(line) && found(undefined)));
    const uuid = `00000000-0000-4000-8000-${String(++this.#number).padStart(12, "0")}`;
    this.write({ type: "user", message: { role: "user", content }, uuid });
    await done;
  }

  async end() {
    this.child.stdin.end();
    await once(this.child, "exit");
  }
}

/**
 * A run's stream as a browser has it; `seen` gets the name and the data of each event.
 * @param {WorldType} world
 * @param {string} runId
 * @param {(event: string, data: any) => void} seen
 */
export async function follow(world, runId, seen) {
  const url = `${world.base}/api/agent-runs/${runId}/messages/stream`;
  const asked = get(url, { headers: world.client.headers });
  const [response] = await once(asked, "response");
  let rest = "";
  response.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1] ?? "message";
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data) seen(event, JSON.parse(data));
    }
  });
  response.on("error", () => {}); // destroyed below
  return { close: () => asked.destroy() };
}

/**
 * Reads a stream and understands nothing of it; answers how many events named so there have been.
 * @param {WorldType} world
 * @param {string} runId
 * @param {string} event
 */
export async function count(world, runId, event) {
  const asked = get(`${world.base}/api/agent-runs/${runId}/messages/stream`, {
    headers: world.client.headers,
  });
  const [response] = await once(asked, "response");
  let seen = 0;
  response.on("data", (/** @type {Buffer} */ bytes) => {
    for (let at = bytes.indexOf(event); at >= 0; at = bytes.indexOf(event, at + 1)) ++seen;
  });
  response.on("error", () => {});
  return { seen: () => seen, close: () => asked.destroy() };
}

/**
 * A small POST, as a browser sends it, on a connection that is kept.
 * @param {WorldType} world
 * @param {string} path
 * @param {object} body
 */
export async function post(world, path, body) {
  const headers = { ...world.client.headers, "content-type": "application/json" };
  const asked = request(world.base + path, { method: "POST", headers });
  asked.end(JSON.stringify(body));
  const [response] = await once(asked, "response");
  response.resume();
  await once(response, "end");
  if (response.statusCode >= 300) throw new Error(`POST ${path}: ${response.statusCode}`);
}

/**
 * The memory that a process shares with no other, in MB.
 * @param {number | string} pid
 */
export function privateMegabytes(pid) {
  return megabytes(
    readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"),
    /^Private_(?:Clean|Dirty): +(\d+) kB$/gm,
  );
}

/**
 * The same of a program that would be alone, though others may run it too: its code counts as its own.
 * @param {number} pid
 */
export function aloneMegabytes(pid) {
  const program = readlinkSync(`/proc/${pid}/exe`);
  const mappings = readFileSync(`/proc/${pid}/smaps`, "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const own = mappings.filter((one) => one.split("\n", 1)[0].endsWith(program)).join("");
  return privateMegabytes(pid) + megabytes(own, /^Shared_(?:Clean|Dirty): +(\d+) kB$/gm);
}

/**
 * @param {string} text
 * @param {RegExp} kilobytes
 */
function megabytes(text, kilobytes) {
  return [...text.matchAll(kilobytes)].reduce((sum, match) => sum + Number(match[1]), 0) / 1024;
}

/**
 * @param {number[]} numbers
 * @param {number} share 0.5 is the median
 */
export function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** @param {number[]} numbers */
export const median = (numbers) => quantile(numbers, 0.5);

/** @param {number} milliseconds */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * A row of the table: what was measured, its target, the figure, and the peer's in the same run.
 * @typedef {{ id: string, what: string, target: string, here: string, peer: string, ratio?: string }} Row
 */
