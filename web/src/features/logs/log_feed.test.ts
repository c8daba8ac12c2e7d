import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogLine } from "../../api/types";
import { noFilters } from "./filters";
import { LogFeed } from "./log_feed";
import { mostKept } from "./log_lines";
import { idsOf, line, lines } from "./test_lines";

// The feed over a server of the test's own: what is stored, and answers that come when the test says so.

let stored: LogLine[];
let asked: URLSearchParams[];
let waiting: (() => void)[];
let slow: boolean;
let away: boolean;
let feed: LogFeed;

function answer(query: URLSearchParams) {
  const limit = Number(query.get("limit"));
  const text = query.get("q") ?? "";
  const wanted = stored.filter(({ message }) => message.includes(text));
  const since = query.get("since");
  const cursor = query.get("cursor");
  if (since !== null) {
    const after = wanted.filter(({ id }) => Number(id) > Number(cursor ?? since));
    const items = after.slice(0, limit);
    return { items, next: after.length > limit ? items.at(-1)?.id : null };
  }
  const before = wanted.filter(({ id }) => cursor === null || Number(id) < Number(cursor));
  const items = before.slice(-limit);
  return { items, next: before.length > limit ? items[0]?.id : null };
}

const shown = () => idsOf(feed.getSnapshot().shown);
/** Lets everything happen that waits for no answer. */
const settle = () => vi.advanceTimersByTimeAsync(100);
const store = (from: number, to: number) => {
  const fresh = lines(from, to);
  stored.push(...fresh);
  return fresh;
};

beforeEach(() => {
  vi.useFakeTimers();
  stored = [];
  asked = [];
  waiting = [];
  slow = false;
  away = false;
  vi.stubGlobal("fetch", async (path: string) => {
    const query = new URL(path, "http://server").searchParams;
    asked.push(query);
    if (away) throw new TypeError("away");
    const body = answer(query);
    if (slow) await new Promise<void>((resolve) => waiting.push(resolve));
    return Response.json(body);
  });
  feed = new LogFeed("project", vi.fn());
});

afterEach(() => {
  feed.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function openWith(from: number, to: number) {
  store(from, to);
  feed.filter(noFilters);
  await settle();
}

describe("the log's feed", () => {
  it("opens at the end, and reads upwards to the first line", async () => {
    await openWith(1, 1_000);
    expect(shown()).toEqual(idsOf(lines(801, 1_000)));
    await feed.loadOlder();
    await feed.loadOlder();
    await feed.loadOlder();
    expect(shown()).toEqual(idsOf(lines(1, 1_000)));
    expect(feed.getSnapshot().older).toBeNull();
  });

  it("misses nothing that was said while its page was on the way, and shows nothing twice", async () => {
    store(1, 3);
    slow = true;
    feed.filter(noFilters);
    await settle();
    // Two lines that the page on its way does not have; of the first the stream, not open yet, says nothing.
    const [, second] = store(4, 5);
    feed.connected();
    if (second) feed.hear([second]);
    slow = false;
    waiting.forEach((go) => {
      go();
    });
    await settle();
    expect(shown()).toEqual([1, 2, 3, 4, 5]);
    feed.hear([...lines(4, 5), ...store(6, 6)]);
    await settle();
    expect(shown()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("asks for what it missed each time the stream is open again, page after page", async () => {
    await openWith(1, 2);
    store(3, 2_502);
    feed.connected();
    feed.hear(store(2_503, 2_503));
    await settle();
    expect(shown()).toEqual(idsOf(lines(1, 2_503)));
    expect(asked.slice(1).map((query) => [query.get("since"), query.get("cursor")])).toEqual([
      ["2", null],
      ["2", "1002"],
      ["2", "2002"],
    ]);
  });

  it("asks again later when it could not be told what it missed, and shows nothing out of order", async () => {
    await openWith(1, 2);
    away = true;
    store(3, 3);
    feed.connected();
    await settle();
    feed.hear(store(4, 4));
    await settle();
    expect(shown()).toEqual([1, 2]);
    away = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(shown()).toEqual([1, 2, 3, 4]);
  });

  it("holds back what comes while it is paused, also over a connection that broke", async () => {
    await openWith(1, 2);
    feed.pause();
    feed.hear(store(3, 4));
    await settle();
    store(5, 5);
    feed.connected();
    await settle();
    expect(shown()).toEqual([1, 2]);
    expect(feed.getSnapshot().held).toHaveLength(3);
    feed.resume();
    expect(shown()).toEqual([1, 2, 3, 4, 5]);
  });

  it("asks the server for what is wanted, and chooses by the same rules from what the stream says", async () => {
    await openWith(1, 12);
    feed.filter({ agents: ["nori", "miso"], level: "warn", q: "line 1" });
    // What is known to fit stands there at once; nothing here is a warning.
    expect(shown()).toEqual([]);
    await settle();
    const query = asked.at(-1);
    expect([query?.get("agents"), query?.get("level"), query?.get("q")]).toEqual([
      "nori,miso",
      "warn",
      "line 1",
    ]);
    feed.hear([
      line(13, { level: "error", message: "Line 1 fails" }),
      line(14),
      line(15, { agentName: "koji" }),
    ]);
    await settle();
    expect(shown().at(-1)).toBe(13);
  });

  it("takes no answer for filters that have changed meanwhile", async () => {
    store(1, 12);
    slow = true;
    feed.filter({ ...noFilters, q: "line 1" });
    await settle();
    feed.filter({ ...noFilters, q: "line 2" });
    await settle();
    waiting[1]?.();
    await settle();
    waiting[0]?.();
    await settle();
    expect(shown()).toEqual([2]);
  });

  it("goes to the newest from a place that is not the end, whatever was asked for there", async () => {
    await openWith(1, mostKept + 400);
    feed.setAtEnd(false);
    while (feed.getSnapshot().older !== null) await feed.loadOlder();
    expect([shown()[0], shown().length]).toEqual([1, mostKept]);
    expect(feed.getSnapshot().missed).toBe(400);
    await feed.loadNewer();
    expect([shown().at(-1), feed.getSnapshot().missed]).toEqual([mostKept + 400, 0]);
    await feed.loadOlder();
    slow = true;
    store(mostKept + 401, mostKept + 2_000);
    feed.toNewest();
    void feed.loadNewer();
    await settle();
    waiting.forEach((go) => {
      go();
    });
    await settle();
    expect([shown().at(-1), feed.getSnapshot().missed]).toEqual([mostKept + 2_000, 0]);
    slow = false;
    feed.hear(store(mostKept + 2_001, mostKept + 2_001));
    await settle();
    expect(shown().at(-1)).toBe(mostKept + 2_001);
  });

  it("says that it did not load, and loads when the server is back", async () => {
    away = true;
    await openWith(1, 1);
    expect(feed.getSnapshot().phase).toBe("failed");
    away = false;
    feed.connected();
    await settle();
    expect([feed.getSnapshot().phase, shown()]).toEqual(["ready", [1]]);
  });

  it("takes the first line of an empty log", async () => {
    await openWith(1, 0);
    expect(feed.getSnapshot().phase).toBe("ready");
    feed.connected();
    await settle();
    expect(feed.getSnapshot().phase).toBe("ready");
    feed.hear(store(1, 1));
    await settle();
    expect(shown()).toEqual([1]);
  });
});
