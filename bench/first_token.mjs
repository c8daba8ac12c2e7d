// T13: from a person's message to the first token on their stream, with one real Claude Code beside 49 scripted agents that
// stream twenty words a second each. The peer is Claude Code alone, asked the same on its standard input: its floor.
import {
  BareAgent,
  count,
  follow,
  inWorld,
  pause,
  post,
  quantile,
  realSession,
  scriptedSessions,
} from "./workbench.mjs";

const words = 8;
const prompt = `!words ${words}`;
const others = 49;

/**
 * Milliseconds to the first token, and the number of pieces, of one message through the server.
 * @param {import("./workbench.mjs").WorldType} world
 * @param {string} threadId
 * @param {{ see: (event: string, data: any) => void }} stream
 */
async function throughServer(world, threadId, stream) {
  let first = 0;
  let pieces = 0;
  const idle = new Promise((done) => {
    stream.see = (event, data) => {
      if (event === "content-delta") first ||= performance.now();
      if (event === "content-delta") ++pieces;
      if (event === "state" && data.busy === false && pieces > 0) done(undefined);
    };
  });
  const start = performance.now();
  await post(world, `/api/threads/${threadId}/messages`, { content: prompt });
  await idle;
  return { milliseconds: first - start, pieces };
}

/** @param {BareAgent} agent */
async function alone(agent) {
  let first = 0;
  let pieces = 0;
  const start = performance.now();
  await agent.say(prompt, (line) => {
    if (line.event?.delta?.type === "text_delta") {
      first ||= performance.now();
      ++pieces;
    }
    return line.type === "result";
  });
  return { milliseconds: first - start, pieces };
}

/** @param {{ rounds?: number, messages?: number }} [options] */
export async function firstToken({ rounds = 5, messages = 60 } = {}) {
  return inWorld("first token", async (world) => {
    const session = await realSession(world);
    session.stream.close();
    const load = await scriptedSessions(world, others, { words: 1_000_000, paceMs: 50 });
    const counters = await Promise.all(load.map((one) => count(world, one.runId, "event: content-delta")));
    const stream = { see: (/** @type {string} */ _event, /** @type {any} */ _data) => {} };
    const reader = await follow(world, session.runId, (event, data) => stream.see(event, data));
    const bare = new BareAgent(world, session);
    /** @type {{ server: number[], floor: number[], pieces: number[] }} */
    const all = { server: [], floor: [], pieces: [] };
    await alone(bare);
    await throughServer(world, session.threadId, stream);
    const began = performance.now();
    const before = counters.map((one) => one.seen());
    for (let round = 0; round < rounds; ++round) {
      for (let i = 0; i < messages; ++i) {
        const one = await throughServer(world, session.threadId, stream);
        all.server.push(one.milliseconds);
        all.pieces.push(one.pieces);
        await pause(20);
      }
      for (let i = 0; i < messages; ++i) {
        all.floor.push((await alone(bare)).milliseconds);
        await pause(20);
      }
    }
    const seconds = (performance.now() - began) / 1000;
    const streamed = counters.reduce((sum, one, i) => sum + one.seen() - before[i], 0);
    for (const one of [...counters, reader]) one.close();
    await bare.end();
    return { ...all, streamedPerSecond: streamed / seconds };
  });
}

/** @returns {Promise<import("./workbench.mjs").Row[]>} */
export async function rows() {
  const { server, floor, pieces, streamedPerSecond } = await firstToken();
  const lost = pieces.filter((one) => one !== words).length;
  const added = (/** @type {number} */ share) => quantile(server, share) - quantile(floor, share);
  const signed = (/** @type {number} */ ms) => `${ms < 0 ? "−" : "+"}${Math.abs(ms).toFixed(1)}`;
  const say = (/** @type {number[]} */ some) =>
    `p50 ${quantile(some, 0.5).toFixed(1)} ms, p99 ${quantile(some, 0.99).toFixed(1)} ms`;
  const load = `${server.length} messages; beside them ${streamedPerSecond.toFixed(0)} words/s of ${others} agents`;
  const whole = lost === 0 ? "every piece streamed" : `${lost} answers with pieces missing`;
  return [
    {
      id: "T13",
      what: `message → first token over Claude Code's own time (${load})`,
      target: "≤ +5 ms p50, ≤ +15 ms p99, every delta",
      here: `**${signed(added(0.5))} ms p50, ${signed(added(0.99))} ms p99**, ${whole} (${say(server)})`,
      peer: `Claude Code alone: ${say(floor)}`,
    },
  ];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await rows());
