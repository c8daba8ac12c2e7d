// T16: from the start of the server to its first page, its memory when nothing happens, and what a session adds to it, its
// runner and sandbox included and the agent program not. Only memory that no other process shares counts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { createInterface } from "node:readline";

import { aloneMegabytes, inWorld, median, pause, privateMegabytes, scriptedSessions } from "./workbench.mjs";

const sessions = 20;

/** @param {string} url */
async function page(url) {
  const [response] = await once(get(url), "response");
  response.resume();
  await once(response, "end");
  if (response.statusCode !== 200) throw new Error(`GET ${url}: ${response.statusCode}`);
}

/**
 * @param {import("./workbench.mjs").WorldType} world
 */
async function restart(world) {
  await world.server?.end("SIGTERM");
  const start = performance.now();
  await world.startServer();
  await page(`${world.base}/`);
  return performance.now() - start;
}

/** The least that a server in Node does: one page, nothing else. */
async function nodeServer() {
  const start = performance.now();
  const program =
    'require("http").createServer((q, s) => s.end("page")).listen(0, "127.0.0.1", function () { console.log(this.address().port); })';
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [port] = await once(createInterface({ input: child.stdout }), "line");
    await page(`http://127.0.0.1:${port}/`);
    const milliseconds = performance.now() - start;
    await pause(500);
    return { milliseconds, megabytes: aloneMegabytes(child.pid ?? 0) };
  } finally {
    child.kill();
    await once(child, "exit");
  }
}

/**
 * The processes of this folder's runners and sandboxes: whatever is not the agent.
 * @param {string} folder
 */
function besideTheAgents(folder) {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
      const program = command.split(" ")[0].split("/").at(-1);
      return command.includes(folder) && (command.includes(" agent-run ") || program === "bwrap");
    } catch {
      return false; // gone meanwhile
    }
  });
}

/** @param {{ rounds?: number }} [options] */
export async function footprint({ rounds = 7 } = {}) {
  return inWorld("footprint", async (world) => {
    /** @type {{ start: number[], idle: number[], nodeStart: number[], nodeIdle: number[] }} */
    const all = { start: [], idle: [], nodeStart: [], nodeIdle: [] };
    for (let round = 0; round < rounds; ++round) {
      all.start.push(await restart(world));
      await pause(500);
      all.idle.push(aloneMegabytes(world.server?.pid ?? 0));
      const node = await nodeServer();
      all.nodeStart.push(node.milliseconds);
      all.nodeIdle.push(node.megabytes);
    }
    await scriptedSessions(world, sessions, { words: 20, paceMs: 5 });
    await pause(3000);
    const server = aloneMegabytes(world.server?.pid ?? 0) - median(all.idle);
    const beside = besideTheAgents(world.folder);
    const runners = beside.map(privateMegabytes).reduce((a, b) => a + b, 0);
    return {
      ...all,
      perSession: (server + runners) / sessions,
      server: server / sessions,
      processes: beside.length / sessions,
    };
  });
}

/** @returns {Promise<import("./workbench.mjs").Row[]>} */
export async function rows() {
  const all = await footprint();
  const node = "a Node server of one page";
  const ratio = (/** @type {number[]} */ ours, /** @type {number[]} */ peers) =>
    `${(median(ours) / median(peers)).toFixed(2)} ×`;
  return [
    {
      id: "T16",
      what: "start to first served page",
      target: "≤ 100 ms",
      here: `**${median(all.start).toFixed(0)} ms**`,
      peer: `${node}: ${median(all.nodeStart).toFixed(0)} ms`,
      ratio: ratio(all.start, all.nodeStart),
    },
    {
      id: "T16",
      what: "private memory, idle",
      target: "≤ 20 MB",
      here: `**${median(all.idle).toFixed(1)} MB**`,
      peer: `${node}: ${median(all.nodeIdle).toFixed(1)} MB`,
      ratio: ratio(all.idle, all.nodeIdle),
    },
    {
      id: "T16",
      what: `private memory of a session, beside its agent program (of ${sessions})`,
      target: "≤ 4 MB",
      here: `**${all.perSession.toFixed(1)} MB**: ${all.server.toFixed(1)} in the server, the rest in its runner and sandbox (${all.processes} processes)`,
      peer: "",
    },
  ];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await rows());
