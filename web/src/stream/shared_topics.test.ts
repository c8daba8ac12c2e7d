import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectionState, Refusal } from "./connection";
import type { TopicEvent } from "./events";
import { FakeEventSource } from "./fake_event_source";
import { SharedTopics, type PagePort } from "./shared_topics";
import { TopicsHost, type Port } from "./topics_host";

let host: TopicsHost;

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const url = () => decodeURIComponent(FakeEventSource.last.url);
const say = (topic: string, event: string, data: unknown) => {
  FakeEventSource.last.say("message", { topic, event, data });
};

/** A page of the browser, and how it is found to be gone. */
function open() {
  const here: PagePort = {
    onmessage: null,
    postMessage: (words) => there.onmessage?.({ data: words } as never),
  };
  const there: Port = { onmessage: null, postMessage: (words) => here.onmessage?.({ data: words } as never) };
  let die: () => void = () => undefined;
  host.connect(there, (_, gone) => {
    die = gone;
  });
  const page = new SharedTopics(here);
  page.hello("lock");
  return {
    page,
    crash: () => {
      here.onmessage = null;
      die();
    },
    view: (topic: string, since: string | null = null, refusal: Refusal = "retry") => {
      const told: TopicEvent[] = [];
      const states: ConnectionState["phase"][] = [];
      const following = page.follow({
        topic,
        since,
        onEvent: (event) => told.push(event),
        onState: ({ phase }) => states.push(phase),
        explain: () => Promise.resolve(refusal),
      });
      return { told, states, following };
    },
  };
}

beforeEach(() => {
  FakeEventSource.opened.length = 0;
  vi.stubGlobal("EventSource", FakeEventSource);
  host = new TopicsHost();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the stream of all pages", () => {
  it("is one, and tells each page what it follows", async () => {
    const first = open().view("thread:a");
    const second = open().view("thread:b");
    await settled();
    expect(FakeEventSource.opened).toHaveLength(1);
    expect(url()).toBe("/api/stream?threads=a,b");
    FakeEventSource.last.open();
    say("thread:b", "message", { id: "m", timestamp: "2026-01" });
    expect(second.told).toHaveLength(1);
    expect(first.told).toEqual([]);
    expect(first.states.at(-1)).toBe("open");
  });

  it("goes on from what each page has when another joins", async () => {
    open().view("thread:a");
    await settled();
    say("thread:a", "message", { id: "m", timestamp: "2026-01" });
    open().view("project:p");
    await settled();
    expect(url()).toBe("/api/stream?threads=a@2026-01&projects=p");
  });

  it("lets go of what a closed and of what a crashed page followed", async () => {
    const crashing = open();
    crashing.view("thread:a");
    const closing = open().view("thread:b");
    open().view("project:p");
    await settled();
    crashing.crash();
    closing.following.stop();
    await settled();
    expect(url()).toBe("/api/stream?projects=p");
  });

  it("asks the page why its topic is refused, and goes on with the others", async () => {
    const gone = open().view("thread:gone", null, "stop");
    open().view("project:p");
    await settled();
    FakeEventSource.last.fail();
    await vi.waitFor(() => {
      expect(url()).toBe("/api/stream?projects=p");
    });
    expect(gone.states.at(-1)).toBe("stopped");
  });

  it("waits for no sleeping page, and believes it when it wakes", async () => {
    let wake: ((refusal: Refusal) => void) | undefined;
    const page = open();
    const states: ConnectionState["phase"][] = [];
    page.page.follow({
      topic: "thread:gone",
      since: null,
      onEvent: () => undefined,
      onState: ({ phase }) => states.push(phase),
      explain: () =>
        new Promise((resolve) => {
          wake = resolve;
        }),
    });
    open().view("project:p");
    await settled();
    FakeEventSource.last.fail();
    await vi.waitFor(
      () => {
        expect(FakeEventSource.opened).toHaveLength(2);
      },
      { timeout: 3_000 },
    );
    expect(url()).toBe("/api/stream?threads=gone&projects=p");
    wake?.("stop");
    await vi.waitFor(() => {
      expect(url()).toBe("/api/stream?projects=p");
    });
    expect(states.at(-1)).toBe("stopped");
  });
});
