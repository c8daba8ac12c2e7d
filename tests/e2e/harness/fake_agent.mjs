// What a test sees of the tests' own agent (tests/fakes/agent.mjs) in a project: the gates that it waits at, and what it was given.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Session } from "./session.mjs";
import { fakeAgent } from "./world.mjs";

/** @typedef {import("./world.mjs").World} World */

/** What a world needs for it: the agent, and no model. */
export const withFakeAgent = { agent: fakeAgent, practice: true };

export class FakeAgent {
  /**
   * @param {World} world
   * @param {string} projectId
   */
  constructor(world, projectId) {
    this.notes = join(world.agentHome(projectId), ".fake-agent");
  }

  /** @param {string} gate */
  open(gate) {
    mkdirSync(join(this.notes, "gates"), { recursive: true });
    writeFileSync(join(this.notes, "gates", gate), "");
  }

  /** The lines that reached its standard input, of all its processes. */
  input() {
    const log = join(this.notes, "input.log");
    const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
    return lines.map((line) => JSON.parse(line));
  }
}

/**
 * A session in a project of its own whose agent is this one, and has answered once.
 * @param {World} world
 * @param {string} [name]
 */
export async function startFake(world, name = "greeter") {
  const project = await world.project(name);
  const session = await Session.start(world, project.id, "!reply ready");
  await session.answer("ready");
  return { session, agent: new FakeAgent(world, project.id) };
}
