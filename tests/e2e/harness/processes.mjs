// Programs that a test starts, and those that they leave behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

import { withDeadline } from "./until.mjs";

/** One program: its lines on standard output, its errors in a file, and its end. */
export class Program {
  /** @type {string[]} */
  lines = [];

  /**
   * @param {string} binary
   * @param {string[]} args
   * @param {{ env: Record<string, string>, cwd: string, log: string }} options
   */
  constructor(binary, args, { env, cwd, log }) {
    this.name = `${binary.split("/").at(-1)} ${args[0] ?? ""}`;
    this.log = log;
    // The program writes there itself: what it said is in the file when it has ended.
    const errors = openSync(log, "a");
    this.child = spawn(binary, args, { env, cwd, stdio: ["ignore", "pipe", errors] });
    closeSync(errors);
    this.exited = once(this.child, "exit").then(([code, signal]) => signal ?? code);
    this.read = once(this.child, "close");
    let rest = "";
    this.child.stdout?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.child.emit("line");
    });
  }

  get pid() {
    if (!this.child.pid) throw new Error(`${this.name} did not start`);
    return this.child.pid;
  }

  /**
   * The first match of the pattern in a line of standard output.
   * @param {RegExp} pattern
   * @returns {Promise<RegExpMatchArray>}
   */
  async line(pattern) {
    const found = async () => {
      for (;;) {
        const match = this.lines.map((line) => line.match(pattern)).find((one) => one);
        if (match) return match;
        await once(this.child, "line");
      }
    };
    const ended = this.exited.then((status) => {
      throw new Error(`${this.name} ended with ${status}:\n${readFileSync(this.log, "utf8").slice(-4000)}`);
    });
    return withDeadline(Promise.race([found(), ended]), `${this.name} prints ${pattern}`);
  }

  /** Waits for the end that it comes to by itself, with every line read; answers its exit status. */
  async finish() {
    await withDeadline(this.read, `${this.name} ends`);
    return this.exited;
  }

  /**
   * Sends a signal and waits for the end; answers the exit status, or the signal that ended it.
   * @param {NodeJS.Signals} signal
   */
  async end(signal = "SIGTERM") {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return withDeadline(this.exited, `${this.name} ends after ${signal}`);
  }
}

/** For a process to be known by, among those of every test on this machine: `sleep 7318043`. */
export const aNumber = () => 1_000_000 + Math.floor(Math.random() * 9_000_000);

/**
 * Every process that has `text` in its command line, its environment or its working folder: "1234 sleep 100".
 * @param {string} text
 */
export function processesNaming(text) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const read = (/** @type {string} */ file) => {
        try {
          return file === "cwd"
            ? readlinkSync(`/proc/${pid}/cwd`)
            : readFileSync(`/proc/${pid}/${file}`, "latin1");
        } catch {
          return ""; // gone meanwhile
        }
      };
      const command = read("cmdline").replaceAll("\0", " ").trim();
      const named = [command, read("environ"), read("cwd")].some((part) => part.includes(text));
      return named ? [`${pid} ${command}`] : [];
    });
}
