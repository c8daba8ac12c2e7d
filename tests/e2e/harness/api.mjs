// The HTTP contract, as a program uses it: JSON calls with a token, and streams of Server-Sent Events.
import { withDeadline } from "./until.mjs";

/** @typedef {{ event: string, id: string, data: any }} StreamEvent */

export class Api {
  /**
   * @param {string} base
   * @param {string} token
   */
  constructor(base, token) {
    this.base = base;
    this.headers = { authorization: `Bearer ${token}` };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  call(method, path, body) {
    return this.callWith(method, path, body === undefined ? undefined : JSON.stringify(body));
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string | Uint8Array | undefined} body
   * @param {string} type
   * @returns {Promise<{ status: number, body: any, headers: Headers }>}
   */
  async callWith(method, path, body, type = "application/json") {
    const response = await fetch(this.base + path, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { "content-type": type }) },
      ...(body === undefined ? {} : { body: /** @type {BodyInit} */ (body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const json = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      body: json ? JSON.parse(text) : text || null,
      headers: response.headers,
    };
  }

  /** @param {string} path */
  async get(path) {
    return this.expectSuccess(await this.call("GET", path), `GET ${path}`);
  }

  /**
   * @param {string} path
   * @param {unknown} body
   */
  async post(path, body) {
    return this.expectSuccess(await this.call("POST", path, body), `POST ${path}`);
  }

  /**
   * Stores a file to be sent with a message.
   * @param {string} projectId
   * @param {string} name
   * @param {string | Uint8Array} bytes
   */
  async upload(projectId, name, bytes) {
    const path = `/api/projects/${projectId}/attachments?name=${encodeURIComponent(name)}`;
    return this.expectSuccess(await this.callWith("POST", path, bytes, "application/octet-stream"), path);
  }

  /** @param {string} path */
  async delete(path) {
    return this.expectSuccess(await this.call("DELETE", path), `DELETE ${path}`);
  }

  /**
   * @param {{ status: number, body: any }} answer
   * @param {string} what
   */
  expectSuccess({ status, body }, what) {
    if (status >= 300) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /**
   * @param {string} runId
   * @param {{ since?: string }} [options]
   */
  follow(runId, { since } = {}) {
    const query = since ? `?since=${encodeURIComponent(since)}` : "";
    return new Stream(`${this.base}/api/agent-runs/${runId}/messages/stream${query}`, this.headers);
  }
}

/** One stream: all it has said so far, and what it says next. It ends with its server, and does not reconnect. */
export class Stream {
  /** @type {StreamEvent[]} */
  events = [];
  #abort = new AbortController();
  #ended = false;
  #changed = pending();

  /**
   * @param {string} url
   * @param {Record<string, string>} headers
   */
  constructor(url, headers) {
    this.done = this.#read(url, headers).finally(() => {
      this.#ended = true;
      this.#tell();
    });
    this.done.catch(() => {}); // who waits for an event is told by next()
  }

  /** The stored messages so far, in order. */
  get messages() {
    return this.events.filter((one) => one.event === "message").map((one) => one.data);
  }

  /**
   * The first event that the test is looking for, of those so far and those to come; of those after `after`, when given.
   * @param {string} what
   * @param {(event: StreamEvent) => boolean} wanted
   * @param {{ after?: StreamEvent, milliseconds?: number }} [options]
   * @returns {Promise<StreamEvent>}
   */
  async next(what, wanted, { after, milliseconds = 30_000 } = {}) {
    const find = async () => {
      for (let at = after ? this.events.indexOf(after) + 1 : 0; ;) {
        for (; at < this.events.length; ++at) if (wanted(this.events[at])) return this.events[at];
        if (this.#ended) throw new Error(`the stream ended before: ${what}`);
        await this.#changed.promise;
      }
    };
    try {
      return await withDeadline(find(), what, milliseconds);
    } catch (error) {
      throw new Error(`${/** @type {Error} */ (error).message}\n${this.#summary()}`);
    }
  }

  /**
   * The same for a stored message.
   * @param {string} what
   * @param {(message: any) => boolean} wanted
   * @param {{ after?: StreamEvent, milliseconds?: number }} [options]
   */
  async message(what, wanted, options) {
    return this.next(what, (one) => one.event === "message" && wanted(one.data), options);
  }

  close() {
    this.#abort.abort();
  }

  #summary() {
    return this.events.map((one) => `  ${one.event} ${JSON.stringify(one.data).slice(0, 200)}`).join("\n");
  }

  #tell() {
    const told = this.#changed;
    this.#changed = pending();
    told.resolve();
  }

  /**
   * @param {string} url
   * @param {Record<string, string>} headers
   */
  async #read(url, headers) {
    const response = await fetch(url, { headers, signal: this.#abort.signal });
    if (response.status !== 200 || !response.body) throw new Error(`${url}: ${response.status}`);
    let rest = "";
    const decoder = new TextDecoder();
    const chunks = /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (response.body));
    for await (const chunk of chunks) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
      this.#tell();
    }
  }

  /** @param {string} block */
  #take(block) {
    const field = (/** @type {string} */ name) =>
      block
        .split("\n")
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    const data = field("data");
    if (data === undefined) return;
    this.events.push({ event: field("event") ?? "message", id: field("id") ?? "", data: JSON.parse(data) });
  }
}

/** @returns {{ promise: Promise<void>, resolve: () => void }} */
function pending() {
  /** @type {() => void} */
  let resolve = () => {};
  const promise = new Promise((/** @type {(value: void) => void} */ done) => (resolve = done));
  return { promise, resolve };
}
