// What the benchmarks compare with: messages of runs, stored and streamed, by a server built the usual way (Hono on Node,
// better-sqlite3 with the same durability as ours). `node server.mjs DATABASE WAY`, where the way is
//   push   each message in a transaction of its own, then handed to the run's streams
//   group  the messages of one turn of the event loop in one transaction
//   poll   the original design: the key is run and millisecond, and each stream asks the store once a second
// Prints its port.
import { EventEmitter } from "node:events";

import { serve } from "@hono/node-server";
import Database from "better-sqlite3";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

const [file, way] = process.argv.slice(2);

const database = new Database(file);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.pragma("cache_size = -65536");
if (way === "poll") {
  database.exec(
    "CREATE TABLE messages (run TEXT, cursor INTEGER, json TEXT, PRIMARY KEY (run, cursor)) WITHOUT ROWID",
  );
} else {
  database.exec("CREATE TABLE messages (cursor INTEGER PRIMARY KEY, run TEXT, json TEXT)");
  database.exec("CREATE INDEX messages_of_run ON messages (run, cursor)");
}
const put = database.prepare("INSERT OR REPLACE INTO messages (run, cursor, json) VALUES (?, ?, ?)");
const after = database.prepare(
  "SELECT cursor, json FROM messages WHERE run = ? AND cursor > ? ORDER BY cursor LIMIT 1000",
);
const last = database.prepare(
  "SELECT cursor, json FROM (SELECT cursor, json FROM messages WHERE run = ? ORDER BY cursor DESC LIMIT ?) ORDER BY cursor",
);

const published = new EventEmitter().setMaxListeners(0);
let count = 0;

/**
 * @param {string} run
 * @param {{ sender: string, content: string }} posted
 */
function store(run, { sender, content }) {
  const now = Date.now();
  const message = {
    id: `${now.toString(36).padStart(10, "0")}${(++count).toString(36).padStart(16, "0")}`,
    runId: run,
    featureId: null,
    projectId: "01J00000000000000000000000",
    sender,
    role: "coder",
    type: "message",
    content,
    timestamp: new Date(now).toISOString(),
  };
  const row = { run, cursor: way === "poll" ? now : count, json: JSON.stringify(message) };
  put.run(row.run, row.cursor, row.json);
  return row;
}

/** @type {{ run: string, posted: any, done: (row: any) => void }[]} */
let waiting = [];
const storeAll = database.transaction((all) =>
  all.map((/** @type {any} */ one) => store(one.run, one.posted)),
);

function commitGroup() {
  const group = waiting;
  waiting = [];
  const rows = storeAll(group);
  group.forEach((one, index) => one.done(rows[index]));
}

/**
 * @param {string} run
 * @param {any} posted
 */
function storeWithOthers(run, posted) {
  if (waiting.length === 0) setImmediate(commitGroup);
  return new Promise((done) => waiting.push({ run, posted, done }));
}

const app = new Hono();

app.post("/runs/:run/messages", async (context) => {
  const run = context.req.param("run");
  const posted = await context.req.json();
  if (typeof posted.content !== "string" || !posted.content) return context.json({ code: "required" }, 400);
  const row = way === "group" ? await storeWithOthers(run, posted) : store(run, posted);
  if (way !== "poll") published.emit(run, row);
  return context.body(row.json, 201, { "content-type": "application/json" });
});

app.get("/runs/:run/messages/stream", (context) => {
  const run = context.req.param("run");
  const tail = Number(context.req.query("tail") ?? 0);
  return streamSSE(context, async (stream) => {
    const write = (/** @type {any} */ row) => stream.writeSSE({ data: row.json, id: String(row.cursor) });
    /** @type {Promise<void>} */
    const over = new Promise((resolve) => stream.onAbort(resolve));
    if (way === "poll") return poll(stream, run, write);
    // Both in one turn of the event loop: nothing is missed between them, and writes keep their order.
    const replay = last.all(run, tail);
    published.on(run, write);
    void stream.write(": connected\n\n");
    for (const row of replay) void write(row);
    await over;
    published.off(run, write);
  });
});

/**
 * @param {import("hono/streaming").SSEStreamingApi} stream
 * @param {string} run
 * @param {(row: any) => Promise<void>} write
 */
async function poll(stream, run, write) {
  await stream.write(": connected\n\n");
  let cursor = Date.now();
  while (!stream.aborted) {
    for (const row of after.all(run, cursor)) {
      await write(row);
      cursor = row.cursor;
    }
    await stream.sleep(1000);
  }
}

serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(port));
