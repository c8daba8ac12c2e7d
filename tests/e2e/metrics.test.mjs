// What the server tells an operator of itself: in the format of Prometheus, to administrators, and true.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "./harness/api.mjs";
import { until } from "./harness/until.mjs";
import { startWorld } from "./harness/world.mjs";

/** @typedef {import("./harness/world.mjs").World} World */

const nameOf = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleOf = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/;

/**
 * The series of a text of metrics, read strictly: each sample belongs to the metric that was described last, once.
 * @param {string} text
 * @returns {Map<string, number>} by name and labels, as `name{label="value"}`
 */
function seriesIn(text) {
  assert.ok(text.endsWith("\n"), "it ends by a line feed");
  /** @type {Map<string, number>} */
  const series = new Map();
  const described = new Set();
  let [metric, type] = ["", ""];
  for (const line of text.slice(0, -1).split("\n")) {
    const help = line.match(/^# HELP (\S+) \S.*$/);
    const kind = line.match(/^# TYPE (\S+) (counter|gauge|histogram)$/);
    if (help) {
      assert.match(help[1], nameOf);
      assert.ok(!described.has(help[1]), `${help[1]} is described once`);
      described.add(help[1]);
      [metric, type] = [help[1], ""];
    } else if (kind) {
      assert.equal(kind[1], metric);
      type = kind[2];
      if (type === "counter") assert.match(metric, /_total$/);
    } else {
      const [, name, labels = "", value] = line.match(sampleOf) ?? assert.fail(`not a sample: ${line}`);
      const suffix = name.slice(metric.length);
      assert.ok(name.startsWith(metric) && type, `${line} stands under its metric`);
      assert.ok((type === "histogram" ? ["_bucket", "_sum", "_count"] : [""]).includes(suffix), line);
      assert.ok(!series.has(name + labels), `${name + labels} is there once`);
      assert.ok(Number.isFinite(Number(value)) && Number(value) >= 0, line);
      series.set(name + labels, Number(value));
    }
  }
  return series;
}

async function metrics(/** @type {World} */ world) {
  const response = await fetch(`${world.base}/metrics`, { headers: world.client.headers });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const series = seriesIn(await response.text());
  return (/** @type {string} */ name) => series.get(name) ?? assert.fail(`no ${name}`);
}

async function makeRun(/** @type {World} */ world) {
  const project = await world.client.post("/api/projects", { name: "measured" });
  const { run, token } = await world.client.post("/api/agent-runs", {
    projectId: project.id,
    agentName: "nori",
  });
  return { id: run.id, token, path: `/api/agent-runs/${run.id}/messages` };
}

test("strangers and runs are not told", async (t) => {
  const world = await startWorld(t, { practice: true });
  const run = await makeRun(world);
  assert.equal((await fetch(`${world.base}/metrics`)).status, 401);
  assert.equal((await new Api(world.base, "wrong").call("GET", "/metrics")).status, 401);
  assert.equal((await new Api(world.base, run.token).call("GET", "/metrics")).status, 403);
});

test("messages and their commits are counted", async (t) => {
  const world = await startWorld(t, { practice: true });
  const run = await makeRun(world);
  const before = await metrics(world);
  const say = (/** @type {string} */ content) => world.client.post(run.path, { sender: "agent", content });
  await Promise.all(Array.from({ length: 20 }, (_, number) => say(`word ${number}`)));
  const after = await metrics(world);
  const grown = (/** @type {string} */ name) => after(name) - before(name);
  assert.equal(grown("omakase_messages_stored_total"), 20);
  assert.equal(grown("omakase_commit_changes_sum"), 20);
  assert.equal(grown("omakase_commit_seconds_count"), grown("omakase_commit_changes_count"));
  assert.ok(grown("omakase_commit_seconds_count") >= 1 && grown("omakase_commit_seconds_count") <= 20);
  assert.ok(grown("omakase_commit_seconds_sum") > 0);
  assert.equal(after('omakase_commit_seconds_bucket{le="+Inf"}'), after("omakase_commit_seconds_count"));
  assert.equal(grown('omakase_http_responses_total{code="201"}'), 20);
  assert.equal(after("omakase_store_writable"), 1);
  assert.equal(after("omakase_disk_full"), 0);
});

test("streams are counted while they are open, and what goes through them", async (t) => {
  const world = await startWorld(t, { practice: true });
  const run = await makeRun(world);
  const streams = Array.from({ length: 3 }, () => world.client.follow(run.id));
  for (const stream of streams) await stream.next("its beginning", ({ event }) => event === "state");
  const open = await metrics(world);
  assert.equal(open("omakase_streams"), 3);
  assert.equal(open("omakase_streams_opened_total"), 3);
  await world.client.post(run.path, { sender: "agent", content: "to all" });
  for (const stream of streams) await stream.message("to all", ({ content }) => content === "to all");
  const told = await metrics(world);
  assert.equal(told("omakase_events_published_total") - open("omakase_events_published_total"), 1);
  const sent = told("omakase_stream_sent_bytes_total") - open("omakase_stream_sent_bytes_total");
  assert.ok(sent > 3 * 200 && sent < 3 * 2000, `${sent} bytes to three readers`);
  streams.forEach((stream) => stream.close());
  await until("all are gone", async () => (await metrics(world))("omakase_streams") === 0);
});

test("what limits refuse is counted", async (t) => {
  const world = await startWorld(t, { practice: true, serve: ["--requests-per-address", "20"] });
  const before = await metrics(world);
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${world.base}/healthz`)));
  const refused = answers.filter(({ status }) => status === 429).length;
  assert.ok(refused > 0);
  await until("the limit has room again", async () => (await fetch(`${world.base}/healthz`)).status === 200);
  const found = await until("metrics are answered", () => metrics(world).catch(() => undefined));
  assert.ok(found("omakase_requests_rate_limited_total") >= refused);
  assert.equal(before("omakase_requests_rate_limited_total"), 0);
  assert.ok(found('omakase_http_responses_total{code="429"}') >= refused);
});

test("the process is measured", async (t) => {
  const world = await startWorld(t, { practice: true });
  const found = await metrics(world);
  assert.ok(found("process_resident_memory_bytes") > 1e6);
  assert.ok(found("process_open_fds") > 5 && found("process_open_fds") < found("process_max_fds"));
  assert.ok(found("process_threads") >= 4);
  assert.ok(found("process_cpu_seconds_total") > 0);
  const age = Date.now() / 1000 - found("process_start_time_seconds");
  assert.ok(age >= 0 && age < 600, `${age} s old`);
  assert.ok(found("omakase_connections") >= 1);
});
