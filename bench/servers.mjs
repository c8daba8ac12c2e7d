// The servers that the load generator is set on, each started for one measurement with a folder of its own and ended after it:
// this one, nginx with nchan, and a Node server built the usual way (peers/). All of them say where to read and where to post.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Program } from "../tests/e2e/harness/processes.mjs";
import { until, withDeadline } from "../tests/e2e/harness/until.mjs";
import { World, checkout } from "./workbench.mjs";

/** @typedef {import("./workbench.mjs").WorldType} WorldType */

/**
 * A server that runs: its process, and the load generator's arguments for so many channels. `replaying` are those of a reader
 * that gets the last 20 messages first, as a browser that is logged in where there are logins.
 * @typedef {{ pid: number, port: number, channels: (count: number) => Promise<string[]>, replaying: (count: number) => Promise<string[]>,
 *   end: () => Promise<void> }} Running
 * @typedef {{ name: string, start: () => Promise<Running> }} Server
 * @typedef {Running & { world: WorldType, runs: string[] }} OurServer the runs of its channels, when there are some
 */

/** The whole of a message as our readers get it, for servers that hand on what is posted. */
const wholeMessage = JSON.stringify({
  id: "01KAZ5C3G4Y3V7Q9J2W8M6T1RB",
  runId: "01KAZ5C3G4Y3V7Q9J2W8M6T1RC",
  featureId: null,
  projectId: "01KAZ5C3G4Y3V7Q9J2W8M6T1RD",
  sender: "agent",
  role: "coder",
  type: "message",
  content: "{content}",
  timestamp: "2026-01-31T09:05:07.000123Z",
});
const posted = JSON.stringify({ sender: "agent", content: "{content}" });
const json = ["--post-header", "Content-Type: application/json"];

/** This server; messages are stored with SQLite's synchronous=FULL before they are answered. */
export const omakase = {
  name: "omakase",
  /** @returns {Promise<OurServer>} */
  async start() {
    const world = new World("bench load", { practice: true, serve: ["--log-level", "warn"] });
    try {
      await world.start();
    } catch (error) {
      await world.end();
      throw error;
    }
    const file = join(world.folder, "channels");
    const path = "/api/agent-runs/{channel}/messages";
    const bearer = "Authorization: Bearer {token}";
    const to = async (
      /** @type {number} */ count,
      /** @type {number} */ tail,
      /** @type {string} */ header,
    ) => {
      server.runs = await makeRuns(world, count, file);
      const read = ["--read-path", `${path}/stream?tail=${tail}`, "--read-header", header];
      const post = ["--post-path", path, "--post-header", bearer, ...json, "--body", posted];
      return ["--channel-file", file, ...read, ...post];
    };
    /** @type {OurServer} */
    const server = {
      world,
      runs: [],
      pid: world.server?.pid ?? 0,
      port: Number(new URL(world.base).port),
      channels: (count) => to(count, 0, bearer),
      replaying: async (count) => to(count, 20, `Cookie: ${await logIn(world)}`),
      end: () => world.end(),
    };
    return server;
  },
};

/**
 * Makes runs that a program outside the server carries out, and a file of their ids and tokens; answers their ids.
 * @param {WorldType} world
 * @param {number} count
 * @param {string} file
 */
async function makeRuns(world, count, file) {
  const project = await world.client.post("/api/projects", { name: "bench" });
  /** @type {{ id: string, token: string }[]} */
  const runs = [];
  const make = async () => {
    const { run, token } = await world.client.post("/api/agent-runs", {
      projectId: project.id,
      agentName: "nori",
    });
    runs.push({ id: run.id, token });
  };
  while (runs.length < count) {
    await Promise.all(Array.from({ length: Math.min(50, count - runs.length) }, make));
  }
  writeFileSync(file, runs.map(({ id, token }) => `${id} ${token}\n`).join(""));
  return runs.map(({ id }) => id);
}

/**
 * The cookie of a browser that has opened the login link.
 * @param {WorldType} world
 */
async function logIn(world) {
  const [base, code] = world.loginLink.split("/#login=");
  const headers = { "content-type": "application/json", origin: base };
  const response = await fetch(`${base}/api/login`, {
    method: "POST",
    headers,
    body: JSON.stringify({ code }),
  });
  if (!response.ok) throw new Error(`login: ${response.status}`);
  return (response.headers.get("set-cookie") ?? "").split(";")[0];
}

/**
 * How many messages the runs of this server hold with a content of so many bytes.
 * @param {OurServer} server
 * @param {number} bytes
 */
export async function stored({ world, runs }, bytes) {
  let messages = 0;
  for (const id of runs) {
    for (let since = ""; ;) {
      const page = await world.client.get(`/api/agent-runs/${id}/messages?limit=1000${since}`);
      messages += page.filter((/** @type {any} */ one) => one.content.length === bytes).length;
      if (page.length < 1000) break;
      since = `&since=${encodeURIComponent(page.at(-1).timestamp)}`;
    }
  }
  return messages;
}

/** nginx with nchan: two workers, messages in memory only. */
export const nchan = {
  name: "nchan",
  /** @returns {Promise<Running>} */
  async start() {
    const folder = mkdtempSync(join(tmpdir(), "omakase-bench-"));
    const port = await freePort();
    const root = join(checkout, "tools/nginx");
    const settings = readFileSync(join(checkout, "bench/peers/nginx.conf"), "utf8")
      .replaceAll("{folder}", folder)
      .replaceAll("{port}", String(port))
      .replaceAll("{modules}", join(root, "usr/lib/nginx/modules"));
    writeFileSync(join(folder, "nginx.conf"), settings);
    // Debian's nginx with nchan insists on its folder in /var/lib, which only an installed one has: it sees one of its own.
    const around = [
      "--dev-bind",
      "/",
      "/",
      "--tmpfs",
      "/var/lib",
      "--dir",
      "/var/lib/nginx",
      "--die-with-parent",
    ];
    const nginx = [
      join(root, "usr/sbin/nginx"),
      "-p",
      folder,
      "-c",
      join(folder, "nginx.conf"),
      "-e",
      "stderr",
    ];
    const program = peer("bwrap", [...around, ...nginx], folder);
    await withDeadline(Promise.race([answering(port), failed(program)]), "nginx answers");
    const to = (/** @type {number} */ count, /** @type {string} */ read) => [
      ...["--channels", String(count), "--read-path", `/${read}/{channel}`],
      ...["--post-path", "/publish/{channel}", ...json, "--body", wholeMessage],
    ];
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    const end = async () => {
      process.kill(pid, "SIGTERM");
      await withDeadline(program.exited, "nginx ends");
      rmSync(folder, { recursive: true, force: true });
    };
    const channels = async (/** @type {number} */ count) => to(count, "read");
    const replaying = async (/** @type {number} */ count) => to(count, "replay");
    return { pid, port, channels, replaying, end };
  },
};

/**
 * The Node server, in one of its ways.
 * @param {"push" | "group" | "poll"} way
 * @returns {Server}
 */
export const node = (way) => ({
  name: `node ${way}`,
  async start() {
    const folder = mkdtempSync(join(tmpdir(), "omakase-bench-"));
    const args = [join(checkout, "bench/peers/server.mjs"), join(folder, "messages.db"), way];
    const program = peer(process.execPath, args, folder);
    const [port] = await program.line(/^\d+$/);
    const to = (/** @type {number} */ count, /** @type {number} */ tail) => [
      ...["--channels", String(count), "--read-path", `/runs/{channel}/messages/stream?tail=${tail}`],
      ...["--post-path", "/runs/{channel}/messages", ...json, "--body", posted],
    ];
    const end = async () => {
      await program.end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    };
    const channels = async (/** @type {number} */ count) => to(count, 0);
    const replaying = async (/** @type {number} */ count) => to(count, 20);
    return { pid: program.pid, port: Number(port), channels, replaying, end };
  },
});

/**
 * @param {string} binary
 * @param {string[]} args
 * @param {string} folder
 */
function peer(binary, args, folder) {
  const env = { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: folder, TMPDIR: folder, LANG: "C.UTF-8" };
  return new Program(binary, args, { env, cwd: folder, log: join(folder, "log") });
}

/** A port that was free a moment ago, for a server that cannot choose one itself. */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, "close");
  return port;
}

/** @param {Program} program */
async function failed(program) {
  throw new Error(`${program.name} ended with ${await program.exited}: ${readFileSync(program.log, "utf8")}`);
}

/** @param {number} port */
const answering = (port) => until("a page", () => answers(port));

/** @param {number} port */
function answers(port) {
  return new Promise((resolve) => {
    const asked = get({ host: "127.0.0.1", port, path: "/" }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.on("error", () => resolve(false));
  });
}
