import { focusManager, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeQueryClient, queries } from "./queries";

let asked: number;
let stop: () => void;

beforeEach(async () => {
  vi.useFakeTimers();
  asked = 0;
  vi.stubGlobal("fetch", () => {
    asked++;
    return Promise.resolve(new Response(JSON.stringify({ items: [], next: null })));
  });
  const client = makeQueryClient();
  client.mount();
  const stopWatching = new QueryObserver(client, queries.threads("project", true)).subscribe(() => undefined);
  stop = () => {
    stopWatching();
    client.unmount();
  };
  await vi.advanceTimersByTimeAsync(0);
});

afterEach(() => {
  stop();
  focusManager.setFocused(undefined);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks for the threads again every minute, for what the stream cannot say", async () => {
  await vi.advanceTimersByTimeAsync(120_500);
  expect(asked).toBe(3);
});

it("asks for nothing while the page is hidden, and at once when it is back", async () => {
  focusManager.setFocused(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
  focusManager.setFocused(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toBe(2);
});
