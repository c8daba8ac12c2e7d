// A reader whose cable was cut: no end comes from it, and no answer either.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { until } from "../e2e/harness/until.mjs";
import { startWorld } from "../e2e/harness/world.mjs";
import { makeRuns } from "./crowd.mjs";

/** @typedef {import("../e2e/harness/world.mjs").World} World */

// Sends a request, waits for the beginning of the answer, and from then on has its kernel drop every packet that comes for it
// (SO_ATTACH_FILTER with a filter that keeps 0 bytes), so that nothing is acknowledged any more. Perl is on every Debian.
const reader = String.raw`
  use IO::Socket::INET;
  my ($port, $request) = @ARGV;
  my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die "connect: $!";
  syswrite $socket, $request;
  sysread $socket, my $beginning, 1;
  my $nothing = pack "SCCL", 6, 0, 0, 0;
  setsockopt $socket, 1, 26, pack("Sx![p]P", 1, $nothing) or die "filter: $!";
  $| = 1;
  print "cut\n";
  sleep 600;
`;

async function cutReader(/** @type {World} */ world, /** @type {string} */ path) {
  const { port, host } = new URL(world.base);
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${world.client.headers.authorization}\r\n\r\n`;
  const child = spawn("perl", ["-e", reader, port, request], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  assert.equal(String(line), "cut\n");
  return child;
}

const streams = async (/** @type {World} */ world) => {
  const text = (await world.client.call("GET", "/metrics")).body;
  return Number(text.match(/^omakase_streams (\d+)$/m)?.[1]);
};

test("readers whose network went away are let go within a minute, the idle one too", async (t) => {
  const world = await startWorld(t, { practice: true });
  const [talked, idle] = await makeRuns(world, 2);
  const children = [
    await cutReader(world, `${talked.path}/stream`),
    await cutReader(world, `/api/stream?runs=${talked.path.split("/")[3]}`),
    await cutReader(world, `${idle.path}/stream`),
  ];
  t.after(() => children.forEach((child) => child.kill()));
  assert.equal(await streams(world), 3);
  await world.client.post(talked.path, { sender: "agent", content: "does anybody hear me?" });
  await until("nobody is left", async () => (await streams(world)) === 0, 90_000);
  assert.ok(children.every((child) => child.exitCode === null));
});
