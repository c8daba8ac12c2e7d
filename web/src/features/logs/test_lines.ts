import type { LogLine } from "../../api/types";

// Lines for tests, numbered as the server numbers them.

export function line(n: number, more: Partial<LogLine> = {}): LogLine {
  return {
    id: String(n),
    runId: "run",
    agentName: "nori",
    timestamp: new Date(Date.UTC(2026, 0, 31, 9, 0, 0, n)).toISOString(),
    level: "info",
    source: null,
    message: `line ${String(n)}`,
    ...more,
  };
}

/** The lines from one number to another, both included. */
export function lines(from: number, to: number): LogLine[] {
  return Array.from({ length: to - from + 1 }, (_, at) => line(from + at));
}

export const idsOf = (of: readonly LogLine[]) => of.map(({ id }) => Number(id));
