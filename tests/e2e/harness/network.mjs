// What a sandbox's network is tried with: a service of this machine's, on all of its addresses, and whether such a network can be
// had here at all.
import { once } from "node:events";
import { networkInterfaces } from "node:os";

import { World } from "./world.mjs";

/** @typedef {import("node:test").TestContext} TestContext */

/** What a server says of its agents' network before it starts: "" when it can be had. */
export async function missing(/** @type {string} */ network) {
  const world = new World(`doctor-${network}`, {});
  const { lines } = await world.omakase("doctor", "--agent-network", network);
  await world.end();
  return lines.find((line) => /^missing\s+Network/.test(line)) ?? "";
}

/**
 * Until the test ends; its address on loopback.
 * @param {TestContext} t
 * @param {import("node:net").Server} server
 * @param {string} host
 */
export async function listen(t, server, host = "127.0.0.1") {
  server.listen(0, host);
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

/** This machine's address beside the loopback's, where it has one. */
export const otherAddress = () =>
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one && one.family === "IPv4" && !one.internal)?.address;
