// `make bench`: everything in this folder, one table. ARGS: names of subjects (parse message first_token footprint stop fanout
// streams posts page history), and --write to put the table into README.md.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

import { checkout } from "./workbench.mjs";

/** @typedef {import("./workbench.mjs").Row} Row */

/**
 * @param {string} name
 * @param {string[]} args
 * @returns {any[]}
 */
function figures(name, ...args) {
  const program = join(checkout, "build/release/bench", name);
  const all = ["--benchmark_format=json", ...args];
  return JSON.parse(execFileSync(program, all, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))
    .benchmarks;
}

/** @returns {Promise<Row[]>} */
async function parse() {
  const repeated = ["--benchmark_repetitions=5", "--benchmark_enable_random_interleaving=true"];
  const found = figures("parse_bench", "--benchmark_filter=session|deltas", ...repeated);
  const speed = (/** @type {string} */ name) =>
    found.find((one) => one.run_name === name && one.aggregate_name === "median").bytes_per_second / 1e6;
  const [longest] = figures("parse_bench", "--benchmark_filter=longest"); // in a process of its own: the peak is the process's
  const say = (/** @type {string} */ name) => `${speed(name).toFixed(0)} MB/s`;
  return [
    {
      id: "T14",
      what: "an agent's lines, a session's mix (pieces of text alone)",
      target: "≥ 300 MB/s",
      here: `**${say("parse_session")}** (${say("parse_deltas")})`,
      peer: `Boost.JSON, to its values only: ${say("boost_session")} (${say("boost_deltas")})`,
      ratio: `${(speed("parse_session") / speed("boost_session")).toFixed(1)} ×`,
    },
    {
      id: "T14",
      what: `memory for a line of ${longest.line_mb.toFixed(0)} MB: it, its copy and what is made of it`,
      target: "bounded by the longest line",
      here: `**${longest.peak_mb.toFixed(0)} MB** at ${(longest.bytes_per_second / 1e6).toFixed(0)} MB/s`,
      peer: "",
    },
  ];
}

/** @returns {Promise<Row[]>} */
async function message() {
  const found = figures("message_bench", "--benchmark_filter=/4000");
  const say = (/** @type {string} */ name) =>
    `${(found.find((one) => one.name.startsWith(name)).bytes_per_second / 1e6).toFixed(0)} MB/s`;
  const what = "a stored message of 4 KB: to the frame that every reader gets; read back from it";
  return [{ id: "", what, target: "", here: `${say("frame")}; ${say("read")}`, peer: "" }];
}

/** @type {Record<string, () => Promise<Row[]>>} */
const subjects = {
  parse,
  message,
  first_token: async () => (await import("./first_token.mjs")).rows(),
  footprint: async () => (await import("./footprint.mjs")).rows(),
  stop: async () => (await import("./stop.mjs")).rows(),
  fanout: async () => (await import("./fanout.mjs")).rows(),
  streams: async () => (await import("./streams.mjs")).rows(),
  posts: async () => (await import("./posts.mjs")).rows(),
  page: async () => (await import("./page.mjs")).rows(),
  history: async () => (await import("./history.mjs")).rows(),
};

const names = process.argv.slice(2).filter((one) => !one.startsWith("--"));
/** @type {Row[]} */
const rows = [];
for (const name of names.length ? names : Object.keys(subjects)) {
  console.error(`== ${name}`);
  rows.push(...(await subjects[name]()));
}
const head = ["", "what", "target", "here", "in the same run", "ratio"];
const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
const table = (/** @type {string[]} */ lines) =>
  [line(head), line(head.map(() => "---")), ...lines].join("\n");
const measured = rows.map((one) => [one.id, one.what, one.target, one.here, one.peer, one.ratio ?? ""]);
console.log(table(measured.map(line)));

if (process.argv.includes("--write")) {
  const readme = join(checkout, "bench/README.md");
  const [before, rest] = readFileSync(readme, "utf8").split("<!-- table -->\n");
  const [written, after] = rest.split("<!-- end -->");
  // What was not measured now stays as it was.
  const idOf = (/** @type {string} */ row) => row.split("|")[1].trim();
  const ids = new Set(measured.map(([id]) => id));
  const kept = written
    .split("\n")
    .filter((row) => row.startsWith("|") && !/^\| *(what|-+) *\|/.test(row.slice(row.indexOf("|", 1))));
  const byId = (/** @type {string} */ row) => Number(idOf(row).slice(1)) || 100;
  const all = [...kept.filter((row) => !ids.has(idOf(row))), ...measured.map(line)].toSorted(
    (one, other) => byId(one) - byId(other),
  );
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${new Date().toISOString().slice(0, 10)}`;
  writeFileSync(readme, `${before}<!-- table -->\n\n${machine}\n\n${table(all)}\n\n<!-- end -->${after}`);
}
