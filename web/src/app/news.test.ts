import { expect, it } from "vitest";
import type { RunSummary } from "../api/types";
import { newsOf } from "./news";

const run = (more: Partial<RunSummary> = {}): RunSummary => ({
  runId: "run",
  threadId: "thread",
  agentName: "nori",
  status: "coding",
  busy: true,
  external: false,
  attention: null,
  waiting: 0,
  ...more,
});

it("tells of what an agent asks, once", () => {
  const asking = run({ attention: "permission" });
  expect(newsOf(run(), asking, "Nori")).toEqual({ kind: "question", words: "Nori asks permission" });
  expect(newsOf(asking, asking, "Nori")).toBeNull();
  expect(newsOf(asking, run({ attention: "question" }), "Nori")?.words).toBe("Nori has a question");
});

it("tells of errors and of failed runs", () => {
  expect(newsOf(run(), run({ attention: "error", busy: false }), "Nori")?.kind).toBe("error");
  expect(newsOf(run(), run({ status: "failed", busy: false }), "Nori")?.kind).toBe("error");
});

it("tells when a turn is over, not when a session is", () => {
  expect(newsOf(run(), run({ busy: false }), "Nori")?.kind).toBe("turn");
  expect(newsOf(run(), run({ busy: false, status: "completed" }), "Nori")).toBeNull();
  expect(newsOf(run({ busy: false }), run(), "Nori")).toBeNull();
});

it("says nothing of what was so before the page listened", () => {
  expect(newsOf(undefined, run({ attention: "permission" }), "Nori")).toBeNull();
});
