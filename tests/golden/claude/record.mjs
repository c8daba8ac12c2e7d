// Records transcripts of the real Claude Code against the practice model: `node record.mjs [NAME…]` writes NAME.jsonl here.
// It needs a built omakase (OMAKASE_BINARY) and Claude Code (OMAKASE_CLAUDE_BIN). Look at the difference before it is committed.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const checkout = resolve(here, "../../..");
const binary = process.env.OMAKASE_BINARY ?? join(checkout, "build/asan/omakase");
const claude = process.env.OMAKASE_CLAUDE_BIN ?? join(checkout, "tools/agents/node_modules/.bin/claude");

const base = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  ...["--include-partial-messages", "--replay-user-messages", "--setting-sources", "", "--strict-mcp-config"],
];
const asking = ["--permission-prompt-tool", "stdio", "--settings", '{"useAutoModeDuringPlan":false}'];
const bypass = ["--dangerously-skip-permissions"];

const isAsked = (line) => line.type === "control_request";
const isResult = (line) => line.type === "result";
const isTool = (line) => line.type === "assistant" && line.message.content[0].type === "tool_use";
const isDelta = (line) => line.event?.delta?.type === "text_delta";

/** One Claude Code in a folder of its own; what it writes is kept. */
class Agent {
  raw = [];
  #lines = [];
  #read = 0;
  #wake = () => {};
  #numbers = 0;

  constructor(url, args, folder = mkdtempSync(join(tmpdir(), "omakase-golden-"))) {
    this.folder = folder;
    this.project = join(folder, "project");
    mkdirSync(this.project, { recursive: true });
    const env = {
      PATH: process.env.PATH,
      HOME: join(folder, "home"),
      LANG: "C.UTF-8",
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: "practice",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      CLAUDE_CODE_DISABLE_AUTO_MEMORY: "1",
      CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: "1",
      DISABLE_AUTOUPDATER: "1",
      IS_SANDBOX: "1",
    };
    this.child = spawn(claude, [...base, ...args], {
      cwd: this.project,
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      this.raw.push(line);
      this.#lines.push(JSON.parse(line));
      this.#wake();
    });
  }

  write(line) {
    this.child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /** A person's message; answers its UUID. */
  say(content, more = {}) {
    const uuid = `00000000-0000-4000-8000-${String(++this.#numbers).padStart(12, "0")}`;
    this.write({ type: "user", message: { role: "user", content }, uuid, ...more });
    return uuid;
  }

  async control(request) {
    const id = `request-${++this.#numbers}`;
    this.write({ type: "control_request", request_id: id, request });
    return this.next((line) => line.type === "control_response" && line.response.request_id === id);
  }

  answer(asked, response) {
    const { request_id } = asked;
    this.write({ type: "control_response", response: { subtype: "success", request_id, response } });
  }

  /** The next line, from the last one found, that is wanted. */
  async next(wanted) {
    const deadline = Date.now() + 30_000;
    for (;;) {
      while (this.#read < this.#lines.length) {
        const line = this.#lines[this.#read++];
        if (wanted(line)) return line;
      }
      if (Date.now() > deadline) throw new Error(`${wanted} did not come:\n${this.raw.slice(-5).join("\n")}`);
      await new Promise((wake) => ((this.#wake = wake), setTimeout(wake, 500)));
    }
  }

  async idle() {
    return this.next((line) => line.subtype === "session_state_changed" && line.state === "idle");
  }

  async end() {
    const ended = new Promise((done) => this.child.on("exit", done));
    this.child.stdin.end();
    await ended;
  }
}

const tool = (name, input) => `!tool ${name} ${JSON.stringify(input)}\n`;
const fruit = {
  questions: [
    {
      question: "Which fruit?",
      header: "Fruit",
      multiSelect: false,
      options: [
        { label: "Apple", description: "red" },
        { label: "Pear", description: "green" },
      ],
    },
  ],
};

// What is recorded: a name, the arguments of the agent, and what is done with it.
const conversations = {
  modes: [
    ["--permission-mode", "default", ...asking],
    async (agent) => {
      for (const mode of ["acceptEdits", "plan", "bypassPermissions", "default"]) {
        await agent.control({ subtype: "set_permission_mode", mode });
      }
      agent.say(`${tool("Write", { file_path: "a.txt", content: "a\n" })}!reply Written.`);
      const asked = await agent.next(isAsked);
      await agent.control({ subtype: "set_permission_mode", mode: "acceptEdits" });
      agent.answer(asked, { behavior: "allow", updatedInput: asked.request.input });
      await agent.idle();
      agent.say(`${tool("Write", { file_path: "b.txt", content: "b\n" })}!reply Not asked.`);
      await agent.idle();
    },
  ],
  rules: [
    ["--permission-mode", "default", ...asking],
    async (agent) => {
      await agent.control({ subtype: "apply_flag_settings", settings: { permissions: { allow: ["Bash"] } } });
      agent.say(`${tool("Bash", { command: "touch made" })}!reply Not asked.`);
      await agent.idle();
      await agent.control({ subtype: "apply_flag_settings", settings: { permissions: { allow: [] } } });
      agent.say(`${tool("Bash", { command: "touch made" })}!reply Asked.`);
      agent.answer(await agent.next(isAsked), { behavior: "deny", message: "Not this time." });
      await agent.idle();
    },
  ],
  question: [
    ["--permission-mode", "default", ...asking],
    async (agent) => {
      agent.say(`${tool("AskUserQuestion", fruit)}${tool("AskUserQuestion", fruit)}!reply Thanks.`);
      const asked = await agent.next(isAsked);
      const answers = { "Which fruit?": "Pear" };
      agent.answer(asked, { behavior: "allow", updatedInput: { ...asked.request.input, answers } });
      agent.answer(await agent.next(isAsked), { behavior: "deny", message: "I would rather not say." });
      await agent.idle();
    },
  ],
  plan: [
    ["--permission-mode", "plan", ...asking],
    async (agent) => {
      const plan = tool("ExitPlanMode", { plan: "# Plan\n1. Do it\n2. Test it" });
      agent.say(`${plan}${plan}${tool("Bash", { command: "touch planned" })}!reply As planned.`);
      agent.answer(await agent.next(isAsked), { behavior: "deny", message: "Test it first." });
      const again = await agent.next(isAsked);
      agent.answer(again, { behavior: "allow", updatedInput: again.request.input });
      const bash = await agent.next(isAsked);
      agent.answer(bash, { behavior: "allow", updatedInput: bash.request.input });
      await agent.idle();
    },
  ],
  withdrawn: [
    bypass,
    async (agent, model) => {
      agent.say("!hold-start gate\n!reply First.");
      await agent.next((line) => line.status === "requesting");
      agent.say("!reply Second.");
      const third = agent.say("!reply Third.");
      await agent.control({ subtype: "cancel_async_message", message_uuid: third });
      await agent.control({ subtype: "cancel_async_message", message_uuid: third });
      await model.release("gate");
      await agent.next(isResult);
      await agent.idle();
    },
  ],
  now_text: [
    bypass,
    async (agent) => {
      agent.say("!slow 200 20");
      await agent.next(isDelta);
      agent.say("!reply Queued.");
      agent.say("!reply Urgent.", { priority: "now" });
      await agent.idle();
    },
  ],
  now_tool: [
    bypass,
    async (agent) => {
      agent.say(`${tool("Bash", { command: "sleep 100" })}!reply Slept.`);
      await agent.next(isTool);
      agent.say("!reply Queued.");
      await agent.control({ subtype: "interrupt" });
      agent.say("!reply Urgent.", { priority: "now" });
      await agent.idle();
    },
  ],
  model: [
    bypass,
    async (agent) => {
      await agent.control({ subtype: "initialize" });
      await agent.control({ subtype: "set_model", model: "claude-sonnet-4-5" });
      agent.say("!reply Another model.");
      await agent.idle();
    },
  ],
  background: [
    bypass,
    async (agent) => {
      agent.say(`${tool("Bash", { command: "sleep 1; echo over", run_in_background: true })}!reply Started.`);
      await agent.next(isResult);
      await agent.next(isResult);
      await agent.idle();
    },
  ],
  compaction: [
    bypass,
    async (agent) => {
      for (const words of ["Much", "was", "said."]) {
        agent.say(`!reply ${words}`);
        await agent.idle();
      }
      agent.say("/compact");
      await agent.idle();
      agent.say("!reply After it.");
      await agent.idle();
    },
  ],
  read_only: [
    ["--tools", "Read,Grep,Glob", "--permission-mode", "default", ...asking],
    async (agent) => {
      agent.say(
        `${tool("Bash", { command: "touch broke-out" })}${tool("Read", { file_path: "/etc/hostname" })}!reply Read.`,
      );
      agent.answer(await agent.next(isAsked), { behavior: "deny", message: "No." });
      await agent.idle();
    },
  ],
};

/** Lists of names are cut to two; paths of this machine are replaced. */
function tidied(lines, folder) {
  const cut = (key, value) => {
    const long = ["tools", "slash_commands", "agents", "skills", "commands", "models"].includes(key);
    if (long && Array.isArray(value)) return value.slice(0, 2);
    return ["account", "pid"].includes(key) ? undefined : value;
  };
  const slug = folder.replaceAll("/", "-");
  return lines
    .map((line) => JSON.stringify(JSON.parse(line), cut))
    .map((line) => line.replaceAll(folder, "/home/dev").replaceAll(slug, "-home-dev"))
    .join("\n");
}

async function record(name, url) {
  const [args, talk] = conversations[name];
  const agent = new Agent(url, [...args, "--session-id", randomUUID()]);
  const release = (gate) =>
    fetch(`${url}/practice/release`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: gate }),
    });
  try {
    await talk(agent, { release });
  } finally {
    await agent.end();
    rmSync(agent.folder, { recursive: true, force: true });
  }
  writeFileSync(join(here, `${name}.jsonl`), `${tidied(agent.raw, agent.folder)}\n`);
  console.log(`${name}: ${agent.raw.length} lines`);
}

const model = spawn(binary, ["practice-model", "--listen", "127.0.0.1:0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const url = await new Promise((found) => createInterface({ input: model.stdout }).once("line", found));
  const names = process.argv.slice(2);
  for (const name of names.length ? names : Object.keys(conversations)) await record(name, url);
} finally {
  model.kill();
}
