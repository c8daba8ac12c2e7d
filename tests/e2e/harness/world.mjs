// A whole Omakase for one test: the real server on a data folder of its own, the scripted model that its agents talk to,
// and a browser when the test asks for one. Everything ends with the test, and nothing may be left of it.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Api } from "./api.mjs";
import { Browser } from "./browser.mjs";
import { Model } from "./model.mjs";
import { Program, processesNaming } from "./processes.mjs";
import { makeRepository } from "./repository.mjs";
import { until } from "./until.mjs";

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const binary = resolve(process.env.OMAKASE_BINARY ?? join(checkout, "build/asan/omakase"));
const claude = resolve(
  process.env.OMAKASE_CLAUDE_BIN ?? join(checkout, "tools/agents/node_modules/.bin/claude"),
);
// The tests' own agent, which misbehaves on demand (tests/fakes).
export const fakeAgent = join(checkout, "tests/fakes/agent.mjs");
const artifacts = resolve(process.env.OMAKASE_ARTIFACTS ?? join(checkout, "build/artifacts"));

const token = "end-to-end-token-of-an-administrator";

/** @typedef {import("node:test").TestContext} TestContext */

/**
 * A world with a running server. `practice: true` gives the server neither a key nor a model, as a newcomer has it; `agent` is the
 * program that it takes for Claude Code; `front` puts something before the scripted model, and gives its address; `key` is the
 * model's key; `variables` are more of the server's environment.
 * @typedef {{ practice?: boolean, agent?: string, serve?: string[], front?: (model: string) => Promise<string>, key?: string,
 *   variables?: Record<string, string> }} WorldOptions
 *
 * @param {TestContext} t
 * @param {WorldOptions} [options]
 */
export async function startWorld(t, options = {}) {
  const world = new World(t.name, options);
  t.after(async () => {
    // Not in the types yet.
    const { passed } = /** @type {{ passed?: boolean }} */ (/** @type {unknown} */ (t));
    if (!passed) await world.tellPages();
    await world.end();
  });
  await world.start();
  return world;
}

export class World {
  /** @type {Model | undefined} */ #model;
  /** @type {Program | undefined} */ server;
  /** @type {Browser | undefined} */ #browser;

  /**
   * @param {string} name
   * @param {WorldOptions} options
   */
  constructor(
    name,
    { practice = false, agent = claude, serve = [], front, key = "a-key-for-tests", variables = {} },
  ) {
    this.name = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    this.practice = practice;
    this.agent = agent;
    this.serveArguments = serve;
    this.front = front;
    this.key = key;
    this.variables = variables;
    this.modelUrl = "";
    this.folder = mkdtempSync(join(tmpdir(), "omakase-e2e-"));
    this.data = join(this.folder, "data");
    this.home = join(this.folder, "home");
    this.artifacts = join(artifacts, this.name);
    rmSync(this.artifacts, { recursive: true, force: true });
    for (const folder of [this.home, join(this.folder, "tmp"), this.artifacts]) {
      mkdirSync(folder, { recursive: true });
    }
    this.binary = binary;
    /** What the server is started with. @type {string[]} */
    this.wrap = [];
    this.listen = "127.0.0.1:0";
    this.base = "";
    this.loginLink = "";
  }

  /** What a program of this world sees: nothing of whoever runs the tests. */
  get environment() {
    return {
      PATH: process.env.PATH ?? "/usr/bin:/bin",
      HOME: this.home,
      TMPDIR: join(this.folder, "tmp"),
      LANG: "C.UTF-8",
      OMAKASE_CLAUDE_BIN: this.agent,
      OMAKASE_DATA: this.data,
      OMAKASE_TOKEN: token,
    };
  }

  async start() {
    if (!this.practice) {
      const program = this.#program(["practice-model", "--listen", "127.0.0.1:0"], "model");
      const [, address] = await program.line(/(http:\/\/127\.0\.0\.1:\d+)/);
      this.#model = new Model(program, address);
      this.modelUrl = this.front ? await this.front(address) : address;
    }
    await this.startServer();
  }

  /** The first start takes a free port; later ones take the same again, so that browsers find it. */
  async startServer() {
    /** @type {Record<string, string>} */
    const model = this.#model ? { ANTHROPIC_BASE_URL: this.modelUrl, ANTHROPIC_API_KEY: this.key } : {};
    Object.assign(model, this.variables);
    const [program, ...before] = [...this.wrap, this.binary];
    this.server = this.#program(
      [...before, "serve", "--listen", this.listen, ...this.serveArguments],
      "server",
      model,
      program,
    );
    const [, base, listen, code] = await this.server.line(/(http:\/\/(127\.0\.0\.1:\d+))\/#login=(\S+)/);
    this.listen = listen;
    this.base = base;
    this.loginLink = `${base}/#login=${code}`;
    this.api = new Api(base, token);
  }

  async killServer() {
    await this.server?.end("SIGKILL");
  }

  /**
   * Runs one command of the program in this world; answers what it printed and its exit status.
   * @param {string[]} args
   */
  async omakase(...args) {
    const program = this.#program(args, "commands", { OMAKASE_URL: this.base });
    const status = await program.finish();
    return { status, lines: program.lines };
  }

  /**
   * A project of a fresh repository.
   * @param {string} name
   * @param {Record<string, string>} [files]
   */
  async project(name, files) {
    const repoUrl = makeRepository(this.folder, name, files);
    return this.client.post("/api/projects", { name, repoUrl });
  }

  get model() {
    if (!this.#model) throw new Error("this world has the server's own practice model");
    return this.#model;
  }

  get client() {
    if (!this.api) throw new Error("the server has not been started");
    return this.api;
  }

  /** Where a project's source is, once a work session has started in it. */
  workspace(/** @type {string} */ projectId) {
    return join(this.data, "workspaces/work", projectId);
  }

  /** A browser that has nothing of another one; all of a world end with it. */
  async browser() {
    this.#browser ??= await Browser.launch(this);
    return this.#browser;
  }

  /** What a failed test leaves to be looked at: a picture of every page, and its words in the test's own output. */
  async tellPages() {
    for (const [index, page] of (this.#browser?.pages() ?? []).entries()) {
      const words = await page.locator("body").ariaSnapshot({ timeout: 5_000 }).catch(String);
      console.error(`Page ${index + 1} of the failed test, ${page.url()}:\n${words.slice(-6_000)}`);
      await this.#browser?.screenshot(page, `failed-${index + 1}`).catch(() => {});
    }
  }

  /** What the agents of a project call their home. */
  agentHome(/** @type {string} */ projectId) {
    return join(this.data, "projects", projectId, "home");
  }

  /** Ends everything, and fails when a process of this world is left or the server did not end well. */
  async end() {
    await this.#browser?.close();
    const status = await this.server?.end("SIGTERM");
    await this.omakase("stop", "--agents");
    await this.#model?.program.end("SIGTERM");
    const left = await this.#leftOver();
    for (const line of left) process.kill(Number.parseInt(line, 10), "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
    assert.deepEqual(left, [], "no process of the test is left");
    assert.ok(
      status === 0 || status === "SIGKILL" || status === undefined,
      `the server ended with ${status}`,
    );
  }

  async #leftOver() {
    /** @type {string[]} */
    let left = [];
    await until(
      "every process has ended",
      () => (left = processesNaming(this.folder)).length === 0,
      5_000,
    ).catch(() => {});
    return left;
  }

  /**
   * @param {string[]} args
   * @param {string} log
   * @param {Record<string, string>} more
   */
  #program(args, log, more = {}, program = this.binary) {
    return new Program(program, args, {
      env: { ...this.environment, ...more },
      cwd: this.folder,
      log: join(this.artifacts, `${log}.log`),
    });
  }
}
