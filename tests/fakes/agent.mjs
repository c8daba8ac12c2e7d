#!/usr/bin/env node
// A stand-in for Claude Code that misbehaves on demand. It speaks the same lines (stream-json) on its standard input and output,
// and does what the person's words tell it, one directive a line: `!name arguments`. faults.mjs has those that are faults; here
// are those of an agent in good health:
//
//   !reply TEXT   an answer                       !recall        answers what it has heard in this conversation, as JSON
//   !text TEXT    begins one and leaves it open   !hold NAME     waits for the file gates/NAME in its notes
//   !tool NAME    uses a tool, and waits for the file gates/NAME in its notes before that has a result
//   !early D      the directive D before the message is received      !next-start D   the directive D when it is started next
//
// Words without a directive are repeated. Its notes, in `$HOME/.fake-agent`, tell a test what reached it and hold what it heard.
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, writeAll } from "./faults.mjs";

/** @typedef {{ uuid: string, text: string }} Heard */

const notes = join(process.env.HOME ?? "/tmp", ".fake-agent");
const nextStart = join(notes, "next-start");

export class Agent {
  /** @type {Heard[]} */ #waiting = [];
  /** @type {AbortController | undefined} */ #turn;
  #input = createInterface({ input: process.stdin });

  /** @param {string[]} args */
  constructor(args) {
    const value = (/** @type {string} */ name) => args[args.indexOf(name) + 1];
    this.resumed = args.includes("--resume");
    this.session = value(this.resumed ? "--resume" : "--session-id");
    this.mode = value("--permission-mode");
    this.memory = join(notes, `${this.session}.jsonl`);
    /** What ends a turn: a fault may put something else in its place. */
    this.afterTurn = () => {};
  }

  async run() {
    mkdirSync(join(notes, "gates"), { recursive: true });
    if (this.resumed && !existsSync(this.memory)) return this.#knowsNothing();
    if (existsSync(nextStart)) {
      const directive = readFileSync(nextStart, "utf8");
      rmSync(nextStart);
      await this.#do(directive);
    }
    this.#input.on("line", (line) => this.#take(line));
    this.#input.on("close", () => this.#waiting.length === 0 && !this.#turn && process.exit(0));
  }

  #knowsNothing() {
    process.stderr.write(`No conversation found with session ID: ${this.session}\n`);
    const errors = [`No conversation found with session ID: ${this.session}`];
    this.line({ type: "result", subtype: "error_during_execution", is_error: true, errors });
    process.exitCode = 1;
  }

  /** Writes bytes to standard output, and waits until they are taken. @param {string | Uint8Array} bytes */
  write(bytes) {
    writeAll(1, bytes);
  }

  /** @param {Record<string, unknown>} object */
  line(object) {
    this.write(
      `${JSON.stringify({ ...object, session_id: this.session, uuid: object.uuid ?? randomUUID() })}\n`,
    );
  }

  /** @param {Record<string, unknown>} event */
  event(event) {
    this.line({ type: "stream_event", event, parent_tool_use_id: null });
  }

  /** @param {unknown[]} content */
  assistant(content, id = `msg_${randomUUID()}`) {
    this.line({
      type: "assistant",
      message: { id, role: "assistant", model: "fake", content },
      parent_tool_use_id: null,
    });
  }

  /** An answer as it is written: its id. @param {string} text */
  begin(text) {
    const id = `msg_${randomUUID()}`;
    this.event({ type: "message_start", message: { id, role: "assistant", model: "fake", content: [] } });
    this.event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
    for (const word of text.match(/\S+\s*/g) ?? []) {
      this.event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word } });
    }
    return id;
  }

  /** @param {string} text */
  reply(text) {
    this.assistant([{ type: "text", text }], this.begin(text));
    this.event({ type: "content_block_stop", index: 0 });
    this.event({ type: "message_stop" });
  }

  /** @param {string} reason */
  result(reason = "completed") {
    const ended = reason === "completed";
    const subtype = ended ? "success" : "error_during_execution";
    this.line({
      type: "result",
      subtype,
      is_error: !ended,
      terminal_reason: reason,
      result: "",
      total_cost_usd: 0,
    });
  }

  /** Takes no more input, and lives. */
  stopReading() {
    setInterval(() => {}, 3_600_000);
    this.#input.pause();
    process.stdin.pause();
  }

  /** Waits for the file that a test makes. @param {string} gate */
  async waitAt(gate) {
    while (!existsSync(join(notes, "gates", gate)) && !this.#turn?.signal.aborted) await sleep(20);
  }

  /** @param {string} line */
  #take(line) {
    appendFileSync(join(notes, "input.log"), `${line}\n`);
    const said = JSON.parse(line);
    if (said.type === "user") {
      this.#waiting.push({ uuid: said.uuid, text: said.message.content });
      if (!this.#turn) void this.#work();
    } else if (said.type === "control_request") {
      this.#answer(said.request_id, said.request);
    }
  }

  /**
   * @param {string} requestId
   * @param {any} request
   */
  #answer(requestId, request) {
    /** @type {Record<string, unknown>} */
    let response = {};
    if (request.subtype === "interrupt") this.#turn?.abort();
    if (request.subtype === "set_permission_mode") response = { mode: (this.mode = request.mode) };
    if (request.subtype === "cancel_async_message") {
      const before = this.#waiting.length;
      this.#waiting = this.#waiting.filter((one) => one.uuid !== request.message_uuid);
      response = { cancelled: this.#waiting.length < before };
    }
    this.line({
      type: "control_response",
      response: { subtype: "success", request_id: requestId, response },
    });
  }

  /** The turns of all that waits, one message each. */
  async #work() {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#turn = new AbortController();
      await this.#turnOf(next);
      this.afterTurn();
    }
    this.#turn = undefined;
  }

  /** @param {Heard} heard */
  async #turnOf({ uuid, text }) {
    const lines = text.split("\n").map((line) => line.trim());
    for (const line of lines.filter((one) => one.startsWith("!early "))) await this.#do(line.slice(7));
    this.line({ type: "system", subtype: "session_state_changed", state: "running" });
    this.line({ type: "system", subtype: "init", model: "fake", permissionMode: this.mode });
    this.line({ type: "user", message: { role: "user", content: text }, uuid, isReplay: true });
    appendFileSync(this.memory, `${JSON.stringify(text)}\n`);
    const directives = lines.filter((line) => /^![a-z]/.test(line) && !line.startsWith("!early "));
    for (const line of directives.length > 0 ? directives : [`!reply You said: ${text}`]) {
      if (!this.#turn?.signal.aborted) await this.#do(line);
    }
    this.result(this.#turn?.signal.aborted ? "aborted_streaming" : "completed");
    this.line({ type: "system", subtype: "session_state_changed", state: "idle" });
  }

  /** @param {string} directive */
  async #do(directive) {
    const [, name, argument] = directive.match(/^!?(\S+)\s*(.*)$/) ?? [];
    const known = { ...healthy, ...faults }[name];
    if (!known) return this.reply(`This agent knows no !${name}.`);
    await known(this, argument);
  }
}

/** @type {Record<string, (agent: Agent, argument: string) => void | Promise<void>>} */
const healthy = {
  reply: (agent, text) => agent.reply(text),
  text: (agent, text) => void agent.begin(text),
  recall: (agent) => agent.reply(`[${readFileSync(agent.memory, "utf8").trim().split("\n").join(",")}]`),
  hold: (agent, gate) => agent.waitAt(gate),
  tool: async (agent, gate) => {
    const id = `toolu_${randomUUID()}`;
    agent.assistant([{ type: "tool_use", id, name: "Bash", input: { command: `wait for ${gate}` } }]);
    await agent.waitAt(gate);
    const content = [{ type: "tool_result", tool_use_id: id, content: "done", is_error: false }];
    agent.line({ type: "user", message: { role: "user", content } });
  },
  "next-start": (_, directive) => writeFileSync(nextStart, directive),
};

if (process.argv.includes("--version")) {
  console.log("0.0.0 (the tests' agent)");
} else {
  await new Agent(process.argv.slice(2)).run();
}
