// T19: Stop while `sleep 100` runs in the agent's shell: how long until no process of that command is left, by a scan of the
// process table. The peer is Claude Code alone, told to interrupt on its standard input.
import { readFileSync } from "node:fs";

import { processesNaming } from "../tests/e2e/harness/processes.mjs";
import { until } from "../tests/e2e/harness/until.mjs";
import { BareAgent, inWorld, median, pause, post, quantile, realSession } from "./workbench.mjs";

let number = 0;

/** A command that no other process has: `sleep 100.0001`. */
function command() {
  const text = `sleep 100.${String(++number).padStart(4, "0")}`;
  return { text, prompt: `!tool Bash ${JSON.stringify({ command: text })}\n!reply never` };
}

/** Whether it still runs; what only waits to be collected by its parent has no command any more. */
function runs(/** @type {number} */ pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}

/**
 * Milliseconds from `stop` until nothing that names the command is left; what is left after all, counts as orphans.
 * @param {string} text
 * @param {() => Promise<void>} stop
 */
async function measured(text, stop) {
  const running = await until(`${text} runs`, () => {
    const found = processesNaming(text);
    return found.some((line) => /^\d+ sleep /.test(line)) ? found : undefined;
  });
  const pids = running.map((line) => Number.parseInt(line, 10));
  const start = performance.now();
  const stopped = stop();
  while (pids.some(runs)) {
    if (performance.now() - start > 10_000) break;
    await pause(1);
  }
  const milliseconds = performance.now() - start;
  await stopped;
  return { milliseconds, orphans: processesNaming(text).length };
}

/** @param {{ rounds?: number }} [options] */
export async function stops({ rounds = 15 } = {}) {
  return inWorld("stop", async (world) => {
    const session = await realSession(world);
    const bare = new BareAgent(world, session);
    /** @type {{ server: number[], alone: number[], orphans: number }} */
    const all = { server: [], alone: [], orphans: 0 };
    for (let round = 0; round < rounds; ++round) {
      const ours = command();
      await session.say(ours.prompt);
      const before = session.stream.events.at(-1);
      const one = await measured(ours.text, () =>
        post(world, `/api/agent-runs/${session.runId}/interrupt`, {}),
      );
      await session.idle(before);
      all.server.push(one.milliseconds);
      all.orphans += one.orphans;

      const theirs = command();
      const ended = bare.say(theirs.prompt, (line) => line.type === "result");
      const interrupt = {
        type: "control_request",
        request_id: theirs.text,
        request: { subtype: "interrupt" },
      };
      all.alone.push((await measured(theirs.text, async () => bare.write(interrupt))).milliseconds);
      await ended;
    }
    await bare.end();
    return all;
  });
}

/** @returns {Promise<import("./workbench.mjs").Row[]>} */
export async function rows() {
  const { server, alone, orphans } = await stops();
  const say = (/** @type {number[]} */ some) =>
    `${median(some).toFixed(0)} ms (worst ${quantile(some, 1).toFixed(0)})`;
  return [
    {
      id: "T19",
      what: `Stop with \`sleep 100\` running, until no process of it is left (${server.length} times)`,
      target: "≤ 50 ms, 0 orphans",
      here: `**${say(server)}**, ${orphans} orphans`,
      peer: `Claude Code alone, interrupted: ${say(alone)}`,
      ratio: `${(median(server) / median(alone)).toFixed(2)} ×`,
    },
  ];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await rows());
