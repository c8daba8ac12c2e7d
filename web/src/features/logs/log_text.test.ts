import { describe, expect, it } from "vitest";
import { countOf, fileName, folded, lineText, rowsOf, timeOfDay } from "./log_text";
import { line } from "./test_lines";

describe("a line as text", () => {
  it("says when, how grave, who, where and what", () => {
    const told = line(1, { timestamp: "2026-01-31T09:41:02.114000Z", level: "warn", source: "pytest" });
    expect(lineText(told)).toBe("2026-01-31T09:41:02.114000Z warn  nori [pytest] line 1\n");
    expect(lineText({ ...told, source: null, message: "red \u001b[31mtext" })).toMatch(/nori red text\n$/);
  });

  it("is one line while it is folded", () => {
    expect(folded("Traceback:\n  File a.py\n")).toBe("Traceback: ↵ File a.py ↵ ");
  });

  it("takes rows where it is longer than one, or broken", () => {
    expect(rowsOf(line(1, { message: "a".repeat(20) }), 20)).toBe(1);
    expect(rowsOf(line(1, { message: "a".repeat(20), source: "x" }), 20)).toBe(2);
    expect(rowsOf(line(1, { message: "one\n\nthree" }), 20)).toBe(3);
  });

  it("has a time to the thousandth, and a file has a name", () => {
    expect(timeOfDay(new Date(2026, 0, 31, 9, 5, 7, 3).toISOString())).toBe("09:05:07.003");
    expect(fileName("My Project!", new Date("2026-01-31T09:41:02Z"))).toBe("my-project-2026-01-31T0941.log");
    expect([countOf(1, "line"), countOf(18_204, "line")]).toEqual(["1 line", "18,204 lines"]);
  });
});
