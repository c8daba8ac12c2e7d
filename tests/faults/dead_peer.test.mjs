// Readers whose cable was cut: no end comes from them, and no answer either. The server and they have a network of their own, of
// which the only device is taken down and up again; so the part that talks with them runs in it, as a program.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { until } from "../e2e/harness/until.mjs";
import { World } from "../e2e/harness/world.mjs";
import { makeRuns } from "./crowd.mjs";

/** Sets the loopback device up or down (SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP). Perl is on every Debian. @param {boolean} up */
function setLoopback(up) {
  const script = String.raw`
    socket my $socket, 2, 2, 0 or die "socket: $!";
    my $request = pack "a16 x24", "lo";
    ioctl $socket, 0x8913, $request or die "flags: $!";
    my $flags = unpack "x16 S", $request;
    $request = pack "a16 S x22", "lo", $ARGV[0] ? $flags | 1 : $flags & ~1;
    ioctl $socket, 0x8914, $request or die "flags: $!";
  `;
  execFileSync("perl", ["-e", script, up ? "1" : "0"], { stdio: ["ignore", "inherit", "inherit"] });
}

/** How many connections somebody has to this port of ours, as the kernel lists them. @param {number} port */
function connections(port) {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/self/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, here, , state]) => here === local && state === "01").length;
}

async function inside() {
  setLoopback(true);
  const world = new World("dead peers", { practice: true, serve: ["--keep-alive-timeout", "5"] });
  try {
    await world.start();
    const [talked, idle] = await makeRuns(world, 2);
    const { port, host } = new URL(world.base);
    const paths = [
      `${talked.path}/stream`,
      `/api/stream?runs=${talked.path.split("/")[3]}`,
      `${idle.path}/stream`,
    ];
    for (const path of paths) {
      const socket = connect(Number(port), "127.0.0.1").resume();
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${world.client.headers.authorization}\r\n\r\n`,
      );
      await once(socket, "data");
    }
    const streams = async () => {
      const text = (await world.client.call("GET", "/metrics")).body;
      return Number(text.match(/^omakase_streams (\d+)$/m)?.[1]);
    };
    assert.equal(await streams(), paths.length);
    setLoopback(false);
    await until("the server has let go of everybody", () => connections(Number(port)) === 0, 90_000);
    setLoopback(true);
    assert.equal(await streams(), 0);
  } finally {
    setLoopback(true);
    await world.end();
  }
}

if (process.argv[2] === "inside") {
  await inside();
  process.exit(); // its own ends of the connections are as dead
} else {
  test("readers whose network went away are let go within a minute", async () => {
    const program = [process.execPath, fileURLToPath(import.meta.url), "inside"];
    const child = spawn("unshare", ["--user", "--map-root-user", "--net", "--", ...program], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
}
