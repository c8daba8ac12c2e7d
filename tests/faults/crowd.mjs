// Many who send and many who follow, over plain sockets: they come back whenever the server is gone, and note what they got.
// A message of theirs is "SENDER.NUMBER", and the numbers of a sender have no gap.
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { after } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

/** @typedef {import("../e2e/harness/world.mjs").World} World */
/** @typedef {{ path: string }} Run */

/** Whoever is still there when a test has failed would keep its program from ending. @type {Set<Sender | Reader>} */
const crowd = new Set();
after(async () => {
  for (const one of crowd) await one.leave();
});

/** Numbers that repeat with the seed, from 0 to 1. @param {number} seed */
export function randomOf(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Runs that programs outside carry out, in one project.
 * @param {World} world
 * @param {number} count
 * @returns {Promise<Run[]>}
 */
export async function makeRuns(world, count) {
  const project = await world.client.post("/api/projects", { name: "crowd" });
  const runs = [];
  for (let i = 0; i < count; ++i) {
    const { run } = await world.client.post("/api/agent-runs", { projectId: project.id, agentName: "nori" });
    runs.push({ path: `/api/agent-runs/${run.id}/messages` });
  }
  return runs;
}

/** Sends one message after the other; what it does not know to be stored it sends again, with the same id. */
export class Sender {
  acknowledged = 0;
  /** Answers that are neither success nor "not now". @type {string[]} */
  refused = [];
  #stopped = false;

  /**
   * @param {World} world
   * @param {Run} run
   * @param {string} name without a point
   * @param {{ count?: number, pause?: number, bytes?: number }} [options] how many; milliseconds between them; length of each
   */
  constructor(world, run, name, { count = Infinity, pause: between = 0, bytes = 0 } = {}) {
    this.world = world;
    this.run = run;
    this.name = name;
    this.tail = " ".repeat(bytes);
    this.done = this.#send(count, between);
    crowd.add(this);
  }

  /** Sends nothing more; settles when what is under way was answered. */
  leave() {
    this.#stopped = true;
    return this.done;
  }

  /** @param {number} count @param {number} between */
  async #send(count, between) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.acknowledged < count && !this.#stopped) {
      const status = await this.#post(agent);
      if (status === 200 || status === 201) {
        ++this.acknowledged;
        if (between) await pause(between);
      } else if (status === 0 || status === 503) {
        await pause(20); // the server is gone, or cannot
      } else {
        this.refused.push(`${status}`);
        break;
      }
    }
    agent.destroy();
  }

  /** The status of the answer; 0 without one. @param {Agent} agent @returns {Promise<number>} */
  #post(agent) {
    const number = this.acknowledged;
    const body = JSON.stringify({
      id: `${this.name}-${number}`,
      sender: "agent",
      content: `${this.name}.${number}${this.tail}`,
    });
    const headers = {
      ...this.world.client.headers,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    return new Promise((resolve) => {
      const sent = request(
        this.world.base + this.run.path,
        { method: "POST", headers, agent, timeout: 30_000 },
        (answer) => {
          answer.resume();
          answer.once("end", () => resolve(answer.statusCode ?? 0));
          answer.once("error", () => resolve(0));
        },
      );
      sent.once("timeout", () => sent.destroy());
      sent.once("error", () => resolve(0));
      sent.end(body);
    });
  }
}

/** Follows a run as a browser does: it comes back with the last id that it got. */
export class Reader {
  /** How many of each sender's messages it has. @type {Map<string, number>} */
  numbers = new Map();
  /** What came too early or once more. @type {string[]} */
  wrong = [];
  received = 0;
  connections = 0;
  #last = "";
  #closed = false;
  /** @type {import("node:net").Socket | undefined} */ #socket;

  /**
   * @param {World} world
   * @param {Run} run
   */
  constructor(world, run) {
    this.world = world;
    this.path = `${run.path}/stream`;
    this.done = this.#follow();
    crowd.add(this);
  }

  /** Cuts the connection; it comes back by itself. */
  drop() {
    this.#socket?.destroy();
  }
  /** Takes nothing more, or goes on. */
  hold() {
    this.#socket?.pause();
  }
  release() {
    this.#socket?.resume();
  }

  /** Follows no longer. */
  leave() {
    this.#closed = true;
    this.#socket?.destroy();
    return this.done;
  }

  async #follow() {
    while (!this.#closed) {
      await this.#connection().catch(() => {});
      // As the server asks of browsers, about a second, each at another moment; less here.
      if (!this.#closed) await pause(20 + Math.random() * 80);
    }
  }

  async #connection() {
    const { hostname, port, host } = new URL(this.world.base);
    const socket = (this.#socket = connect(Number(port), hostname));
    socket.setEncoding("latin1");
    const last = this.#last ? `Last-Event-ID: ${this.#last}\r\n` : "";
    socket.write(
      `GET ${this.path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${this.world.client.headers.authorization}\r\n${last}\r\n`,
    );
    let rest = "";
    let inBody = false;
    socket.on("data", (/** @type {string} */ data) => {
      rest += data;
      if (!inBody) {
        const end = rest.indexOf("\r\n\r\n");
        if (end < 0) return;
        if (!rest.startsWith("HTTP/1.1 200 ")) return void socket.destroy();
        inBody = true;
        ++this.connections;
        rest = rest.slice(end + 4);
      }
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    });
    await once(socket, "close");
  }

  /** @param {string} block */
  #take(block) {
    if (block.includes("event: reset")) this.wrong.push("reset");
    const id = block.match(/^id: (.*)$/m)?.[1]; // stored messages have one
    if (!id) return;
    this.#last = id;
    const said = block.match(/"content":"([^.":]+)\.(\d+)/);
    if (!said) return;
    const [, name, digits] = said;
    const number = Number(digits);
    const expected = this.numbers.get(name) ?? 0;
    if (number !== expected) this.wrong.push(`${name}.${number} instead of .${expected}`);
    this.numbers.set(name, number + 1);
    ++this.received;
  }
}

/**
 * The messages of a run as the server lists them: the numbers of each sender in their order.
 * @param {World} world
 * @param {Run} run
 */
export async function stored(world, run) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  for (let since = "2000-01-01T00:00:00Z"; ;) {
    const page = await world.client.get(`${run.path}?since=${since}&limit=1000`);
    if (page.length === 0) return found;
    for (const { content } of page) {
      const [name, number] = content.split(".");
      if (!found.has(name)) found.set(name, []);
      found.get(name)?.push(Number(number));
    }
    since = page.at(-1).timestamp;
  }
}
