// A proxy in front: Debian's nginx, unpacked by scripts/setup, in a folder of its own, on a port of loopback.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Program } from "./processes.mjs";
import { until } from "./until.mjs";

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const binary = join(checkout, "tools/nginx/usr/sbin/nginx");

/** A port that was free a moment ago. @returns {Promise<number>} */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

export class Nginx {
  /** @type {Program | undefined} */ #program;
  #folder = mkdtempSync(join(tmpdir(), "omakase-nginx-"));

  /**
   * @param {number} port
   * @param {{ location: string, http?: string }} settings the directives of its only location, and further ones around it
   */
  constructor(port, { location, http = "" }) {
    this.port = port;
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    mkdirSync(join(this.#folder, "temporary"));
    // Where root starts it, its worker is somebody else, who keeps large bodies there.
    chmodSync(this.#folder, 0o755);
    writeFileSync(
      join(this.#folder, "nginx.conf"),
      `daemon off; worker_processes 1; pid ${this.#folder}/pid; error_log stderr warn;
      events { worker_connections 512; }
      http {
        access_log off;
        ${temporary.map((name) => `${name}_temp_path ${this.#folder}/temporary/${name};`).join("\n")}
        ${http}
        server { listen 127.0.0.1:${port}; location / { ${location} } }
      }`,
    );
  }

  async start() {
    const args = ["-p", this.#folder, "-c", join(this.#folder, "nginx.conf"), "-e", "stderr"];
    const log = join(this.#folder, "log");
    this.#program = new Program(binary, args, { env: {}, cwd: this.#folder, log });
    const ended = this.#program.exited.then((status) => {
      throw new Error(`nginx ended with ${status}, see ${log}`);
    });
    const answers = () => fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
    await Promise.race([until("nginx answers", answers), ended]);
    ended.catch(() => {});
  }

  /** All of it at once: its worker goes with its master, and so do the connections. */
  async stop() {
    await this.#program?.end("SIGTERM");
  }

  async end() {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
