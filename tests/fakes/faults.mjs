// The faults that the tests' agent (agent.mjs) has on demand. Those that never return leave a process that lives.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/** @typedef {import("./agent.mjs").Agent} Agent */

const never = () => new Promise(() => setInterval(() => {}, 3_600_000));
const utf8 = new TextEncoder();

/** "100MB", "20KB", "17". @param {string} text */
function count(text) {
  const [, digits, unit] = text.match(/^(\d+)([KM]B)?$/) ?? [];
  return Number(digits) * (unit === "MB" ? 1_000_000 : unit === "KB" ? 1_000 : 1);
}

/**
 * Writes all of it, and waits until it is taken: what a program has said is said, even when it ends at once.
 * @param {number} fd
 * @param {string | Uint8Array} bytes
 */
export function writeAll(fd, bytes) {
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length;) at += writeSync(fd, all, at);
}

/**
 * One line that opens as told and goes on for so many bytes, with or without an end.
 * @param {Agent} agent
 * @param {{ opening: string, bytes: number, end: string }} line
 */
function longLine(agent, { opening, bytes, end }) {
  const piece = utf8.encode("0123456789abcdef".repeat(4096));
  agent.write(opening);
  for (let left = bytes; left > 0; left -= piece.length) agent.write(piece.subarray(0, left));
  agent.write(end);
}

/** An assistant's line around these bytes, which stand for the text as they are. @param {Uint8Array} bytes */
function textOf(bytes) {
  const opening = `{"type":"assistant","message":{"id":"msg_${randomUUID()}","content":[{"type":"text","text":"`;
  return Buffer.concat([utf8.encode(opening), bytes, utf8.encode('"}]}}\n')]);
}

/** @type {Record<string, (agent: Agent, argument: string) => void | Promise<void>>} */
export const faults = {
  // How it ends.
  exit: (_, code) => process.exit(Number(code || 0)),
  signal: async (_, name) => {
    process.kill(process.pid, /** @type {NodeJS.Signals} */ (name || "SIGKILL"));
    await never();
  },
  stderr: (_, text) => writeAll(2, `${text}\n`),
  "stderr-flood": (_, size) => writeAll(2, "what went wrong, at length\n".repeat(count(size) / 27)),
  "half-line-exit": (agent) => {
    agent.write('{"type":"assistant","message":{"id":"msg_half","content":[{"type":"text","text":"and then');
    process.exit(0);
  },

  // How it does not.
  silent: async (agent) => {
    agent.stopReading();
    await never();
  },
  "ignore-term": async (agent) => {
    for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"])) process.on(signal, () => {});
    agent.stopReading();
    await never();
  },
  "close-stdout": async (agent) => {
    closeSync(1);
    agent.write = () => {};
    await never();
  },
  "result-then-hang": async (agent) => {
    agent.result();
    agent.stopReading();
    await never();
  },
  "never-read": (agent) => {
    agent.afterTurn = () => agent.stopReading();
  },
  spawn: (_, seconds) => spawn("sleep", [seconds], { detached: true, stdio: "ignore" }).unref(),

  // What it says too much.
  "flood-line": (agent, size) =>
    longLine(agent, { opening: '{"type":"noise","text":"', bytes: count(size), end: '"}\n' }),
  "flood-half-line": (agent, size) =>
    longLine(agent, { opening: '{"type":"noise","text":"', bytes: count(size), end: "" }),
  "long-answer": (agent, size) => {
    const opening = '{"type":"assistant","message":{"id":"msg_long","content":[{"type":"text","text":"';
    longLine(agent, { opening, bytes: count(size), end: '"}]}}\n' });
  },
  flood: (agent, lines) => {
    const many = '{"type":"noise","text":"nothing that matters"}\n'.repeat(1000);
    for (let left = count(lines); left > 0; left -= 1000) agent.write(many);
  },
  "flood-until": async (agent, gate) => {
    const flooding = agent.waitAt(gate).then(() => true);
    for (let ended = false; !ended; ended = await Promise.race([flooding, setImmediate(false)]))
      faults.flood(agent, "1000");
  },
  "flood-text": (agent, deltas) => agent.reply("word ".repeat(count(deltas))),
  "many-values": (agent, values) =>
    agent.write(`{"type":"assistant","message":[${"{},".repeat(count(values))}{}]}\n`),

  // What it says wrong.
  nul: (agent) => {
    agent.reply("before\0after the escaped one");
    agent.write(textOf(Buffer.from("before\0after the raw one")));
  },
  "bad-utf8": (agent) =>
    agent.write(
      textOf(Buffer.from([0x62, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0x65])),
    ),
  surrogates: (agent) =>
    agent.write(textOf(utf8.encode(String.raw`half \ud83d of it, \udc00 the other, \ud83d\ude00 whole`))),
  deep: (agent, depth) => {
    const deep = "[".repeat(count(depth)) + "]".repeat(count(depth));
    agent.write(
      `{"type":"assistant","message":{"id":"msg_deep","content":[{"type":"tool_use","id":"t","input":{"a":${deep}}}]}}\n`,
    );
    agent.write(`${deep}\n`);
  },
  "huge-ids": (agent, size) => {
    const huge = "i".repeat(count(size));
    agent.assistant([{ type: "tool_use", id: huge, name: huge, input: { [huge]: huge } }], huge);
    agent.line({
      type: "user",
      message: { role: "user", content: [{ type: "tool_result", tool_use_id: huge, content: "" }] },
    });
    agent.line({ type: "user", isReplay: true, uuid: huge });
    agent.line({ type: "control_request", request_id: huge, request: { subtype: huge } });
  },
  "unknown-types": (agent) => {
    for (const type of ["", "keep_alive", "later_invention", 7, null])
      agent.line({ type, subtype: "new", data: {} });
    agent.line({ type: "system", subtype: "later_invention" });
    agent.event({ type: "later_invention" });
    agent.assistant([{ type: "later_invention", text: "?" }]);
  },
  "wrong-session": (agent, session) => {
    agent.write(
      `${JSON.stringify({ type: "system", subtype: "init", session_id: session, model: "fake" })}\n`,
    );
  },
  malformed: (agent) => {
    for (const line of [
      "",
      "  ",
      "not JSON",
      "[1,2",
      '"a string"',
      "{",
      "null",
      '{"type":"result"',
      "\x1b[31mred\x1b[0m",
    ]) {
      agent.write(`${line}\n`);
    }
  },
  "duplicate-result": (agent) => {
    agent.result();
    agent.result();
  },
};
