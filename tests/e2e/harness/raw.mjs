// Bytes over a connection, as no client library would send them.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";

import { withDeadline } from "./until.mjs";

export class RawConnection {
  text = "";

  /**
   * @param {string} base the server's address, as http://127.0.0.1:1234
   * @param {string} [from] an address of this machine to come from
   */
  constructor(base, from) {
    const { hostname, port } = new URL(base);
    this.socket = connect({ host: hostname, port: Number(port), localAddress: from, allowHalfOpen: true });
    this.opened = once(this.socket, "connect");
    this.socket.setEncoding("latin1").on("data", (/** @type {string} */ data) => {
      this.text += data;
      this.socket.emit("more");
    });
    /** Settles when the server has closed its end, or cut the connection. */
    this.ended = new Promise((resolve) => {
      this.socket.once("end", () => resolve("closed")).once("error", () => resolve("cut"));
    }).then((how) => {
      this.how = how;
      this.socket.emit("more");
      this.socket.destroy();
      return how;
    });
    this.opened.catch(() => {});
  }

  /** @param {string} bytes of which each character is one */
  send(bytes) {
    this.socket.write(bytes, "latin1");
    return this;
  }

  /** Waits for the server's end; answers all that it said. */
  async rest() {
    await withDeadline(this.ended, `the end after ${JSON.stringify(this.text)}`, 60_000);
    return this.text;
  }

  /** @param {RegExp} pattern */
  async says(pattern) {
    const seen = async () => {
      while (!pattern.test(this.text)) {
        if (this.how) throw new Error(`${this.how} after ${JSON.stringify(this.text)}`);
        await once(this.socket, "more");
      }
    };
    await withDeadline(seen(), `${pattern} in ${JSON.stringify(this.text)}`, 60_000);
    return this.text;
  }

  close() {
    this.socket.destroy();
  }
}

/** The answers in what a server said. @param {string} text */
export const answersIn = (text) => text.split(/(?=HTTP\/1\.1 \d{3} )/).filter(Boolean);

const escapes = /** @type {Record<string, string>} */ ({ r: "\r", n: "\n", t: "\t", 0: "\0", "\\": "\\" });

/** @param {string} text */
const unescaped = (text) =>
  text.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex, letter) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : escapes[letter],
  );

/**
 * The cases of tests/golden/http/requests.txt, which says how they are written.
 * @param {string} host
 * @returns {{ name: string, sent: string, answers: { status: string, word: string }[] }[]}
 */
export function requestCases(host) {
  const file = readFileSync(new URL("../../golden/http/requests.txt", import.meta.url), "utf8");
  return file
    .split("\n\n")
    .map((block) =>
      block.split("\n").filter((line) => line && !line.startsWith("==") && !line.startsWith("#")),
    )
    .filter((lines) => lines.length > 1)
    .map(([name, ...lines]) => ({
      name,
      sent: lines
        .map((line) => line.match(/^>(?:\*(\d+))? (.*)$/))
        .map((match) => (match ? unescaped(match[2]).repeat(Number(match[1] ?? 1)) : ""))
        .join("")
        .replaceAll("{host}", host),
      answers: lines
        .map((line) => line.match(/^< (\d{3}) ?(.*)$/))
        .filter((match) => match !== null)
        .map(([, status, word]) => ({ status, word })),
    }));
}
