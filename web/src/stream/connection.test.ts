import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection, type ConnectionState, type Refusal } from "./connection";
import { FakeEventSource } from "./fake_event_source";

let states: ConnectionState[];
let told: string[];
let refusal: Refusal;
let connection: Connection;
let since: string;

const phase = () => states.at(-1)?.phase;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeEventSource);
  FakeEventSource.opened.length = 0;
  states = [];
  told = [];
  refusal = "retry";
  since = "1";
  connection = new Connection({
    url: () => `/stream?since=${since}`,
    onData: (data) => told.push(data),
    onState: (state) => states.push(state),
    explain: () => Promise.resolve(refusal),
    random: () => 0.5,
  });
  connection.start();
});

afterEach(() => {
  connection.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function fail(): Promise<void> {
  FakeEventSource.last.fail();
  await vi.advanceTimersByTimeAsync(0);
}

describe("a connection", () => {
  it("hands on what it is told, and keeps the pings to itself", () => {
    FakeEventSource.last.open();
    FakeEventSource.last.say("message", "a");
    FakeEventSource.last.say("ping", {});
    FakeEventSource.last.say("message", "b");
    expect(phase()).toBe("open");
    expect(told).toEqual(["a", "b"]);
  });

  it("opens what it is to follow now in the place of what it followed", () => {
    const first = FakeEventSource.last;
    first.open();
    since = "2";
    connection.reopen();
    first.say("message", "late");
    FakeEventSource.last.open();
    FakeEventSource.last.say("message", "new");
    expect(first.closed).toBe(true);
    expect(FakeEventSource.last.url).toBe("/stream?since=2");
    expect(told).toEqual(["new"]);
  });

  it("tries again at once after the first failure, from where it has come to", async () => {
    FakeEventSource.last.open();
    since = "2";
    await fail();
    expect(FakeEventSource.opened.map(({ url }) => url)).toEqual(["/stream?since=1", "/stream?since=2"]);
    expect(FakeEventSource.opened[0]?.closed).toBe(true);
  });

  it("waits twice as long each time, 30 s at most, and says when it tries", async () => {
    const waits: number[] = [];
    await fail();
    for (let failure = 0; failure < 8; failure++) {
      await fail();
      const state = states.at(-1);
      if (state?.phase !== "waiting") throw new Error(`it does not wait but is ${String(state?.phase)}`);
      waits.push(state.retryAt - Date.now());
      await vi.advanceTimersByTimeAsync(state.retryAt - Date.now());
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("counts a connect of over 10 s as failed", async () => {
    await vi.advanceTimersByTimeAsync(10_001);
    expect(FakeEventSource.opened).toHaveLength(2);
  });

  it("remembers since when it has been away, until it is back", async () => {
    FakeEventSource.last.open();
    const lost = Date.now();
    await fail();
    await fail();
    expect(states.at(-1)).toMatchObject({ phase: "waiting", downSince: lost });
    connection.retryNow();
    FakeEventSource.last.open();
    expect(states.at(-1)).toEqual({ phase: "open" });
  });

  it("starts counting anew after it was back", async () => {
    await fail();
    await fail();
    connection.retryNow();
    FakeEventSource.last.open();
    const before = FakeEventSource.opened.length;
    await fail();
    expect(FakeEventSource.opened).toHaveLength(before + 1);
  });

  it("does not believe a stream that has stopped sending its pings", async () => {
    FakeEventSource.last.open();
    FakeEventSource.last.say("ping", {});
    await vi.advanceTimersByTimeAsync(100_000);
    expect(FakeEventSource.opened.length).toBeGreaterThan(1);
  });

  it("believes a quiet stream of a server that sends none", async () => {
    FakeEventSource.last.open();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(FakeEventSource.opened).toHaveLength(1);
  });

  it("tries at once when somebody looks again", async () => {
    await fail();
    await fail();
    expect(phase()).toBe("waiting");
    connection.wake();
    expect(phase()).toBe("connecting");
  });

  it("stops when the refusal says that there is nothing to wait for", async () => {
    refusal = "stop";
    await fail();
    expect(phase()).toBe("stopped");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeEventSource.opened).toHaveLength(1);
  });

  it("ignores what an abandoned stream still says", async () => {
    const first = FakeEventSource.last;
    first.open();
    await fail();
    first.say("message", "late");
    expect(told).toEqual([]);
  });
});
