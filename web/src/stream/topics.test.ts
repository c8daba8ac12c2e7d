import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectionState, Refusal } from "./connection";
import type { TopicEvent } from "./events";
import { FakeEventSource } from "./fake_event_source";
import { Topics, type Following } from "./topics";

let topics: Topics;
let open: Following[];

beforeEach(() => {
  FakeEventSource.opened.length = 0;
  vi.stubGlobal("EventSource", FakeEventSource);
  topics = new Topics();
  open = [];
});

afterEach(async () => {
  for (const following of open) following.stop();
  await settled();
  vi.unstubAllGlobals();
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const url = () => decodeURIComponent(FakeEventSource.last.url);

/** A view that follows a topic, with what it is told. */
function view(topic: string, since: string | null = null, refusal: Refusal = "retry") {
  const told: TopicEvent[] = [];
  const states: ConnectionState["phase"][] = [];
  const following = topics.follow({
    topic,
    since,
    onEvent: (event) => told.push(event),
    onState: ({ phase }) => states.push(phase),
    explain: () => Promise.resolve(refusal),
  });
  open.push(following);
  return { told, states, following };
}

describe("a page's stream", () => {
  it("is one for everything that the page shows", async () => {
    view("thread:t", "2026");
    view("project:p");
    view("project:q");
    await settled();
    expect(FakeEventSource.opened).toHaveLength(1);
    expect(url()).toBe("/api/stream?threads=t@2026&projects=p,q");
  });

  it("tells each view of its topic alone", async () => {
    const thread = view("thread:t");
    const project = view("project:p");
    await settled();
    FakeEventSource.last.say("message", { topic: "project:p", event: "activity", data: { a: 1 } });
    FakeEventSource.last.say("message", "no JSON");
    expect(project.told).toEqual([{ topic: "project:p", runId: null, event: "activity", data: { a: 1 } }]);
    expect(thread.told).toEqual([]);
  });

  it("is opened anew for another set, and closed with the last view", async () => {
    view("project:p");
    await settled();
    const thread = view("thread:t");
    await settled();
    expect(FakeEventSource.opened.map(({ closed }) => closed)).toEqual([true, false]);
    thread.following.stop();
    await settled();
    expect(url()).toBe("/api/stream?projects=p");
    open[0]?.stop();
    await settled();
    expect(FakeEventSource.last.closed).toBe(true);
  });

  it("goes on from the earlier place where two views follow one topic", async () => {
    view("thread:t", "2026-02");
    view("thread:t", "2026-01");
    await settled();
    expect(url()).toBe("/api/stream?threads=t@2026-01");
  });

  it("lets go of a topic that is gone, and goes on with the others", async () => {
    const gone = view("thread:gone", null, "stop");
    view("project:p");
    await settled();
    FakeEventSource.last.fail();
    await vi.waitFor(() => {
      expect(url()).toBe("/api/stream?projects=p");
    });
    expect(gone.states.at(-1)).toBe("stopped");
  });
});
