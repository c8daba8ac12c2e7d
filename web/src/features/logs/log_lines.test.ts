import { describe, expect, it } from "vitest";
import {
  appended,
  continued,
  isAfter,
  lastOf,
  mostKept,
  newOf,
  noLines,
  opened,
  prepended,
  resumed,
} from "./log_lines";
import { idsOf, line, lines } from "./test_lines";

const page = (from: number, to: number, next: string | null = null) => ({ items: lines(from, to), next });
const five = opened(page(1, 5));

describe("lines that come", () => {
  it("are ordered by number, however long it is", () => {
    expect(isAfter("10", "9")).toBe(true);
    expect(isAfter("9", "10")).toBe(false);
    expect(isAfter("9", "9")).toBe(false);
    expect(isAfter("90071992547409931", "90071992547409930")).toBe(true);
  });

  it("go on where the others end, and none comes twice", () => {
    const eight = appended(five, lines(4, 8), "following");
    expect(idsOf(eight.shown)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(appended(eight, lines(1, 8), "following")).toBe(eight);
    expect(idsOf(appended(eight, lines(7, 12), "reading").shown).slice(-5)).toEqual([8, 9, 10, 11, 12]);
    expect(idsOf(newOf(noLines, lines(1, 2)))).toEqual([1, 2]);
  });

  it("are held back while paused, and take their place afterwards", () => {
    const paused = appended(appended(five, lines(5, 7), "paused"), lines(7, 8), "paused");
    expect(idsOf(paused.shown)).toEqual([1, 2, 3, 4, 5]);
    expect(idsOf(paused.held)).toEqual([6, 7, 8]);
    expect(lastOf(paused)).toBe("8");
    expect(idsOf(resumed(paused).shown)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(resumed(paused).held).toEqual([]);
    expect(resumed(five)).toBe(five);
  });
});

describe("pages", () => {
  it("come before the others", () => {
    const lower = prepended(opened(page(201, 400, "201")), page(1, 200), "reading");
    expect(idsOf(lower.shown)).toEqual(idsOf(lines(1, 400)));
    expect(lower.older).toBeNull();
  });

  it("may be empty and still lead on", () => {
    const lower = prepended(opened({ items: [], next: "900" }), { items: [], next: "500" }, "following");
    expect(lower).toEqual({ ...noLines, older: "500" });
  });
});

describe("where there are too many", () => {
  const full = opened(page(1, mostKept));

  it("who follows loses the oldest, and can ask for them again", () => {
    const on = appended(full, [line(mostKept + 1), line(mostKept + 2)], "following");
    expect(on.shown).toHaveLength(mostKept);
    expect([on.shown[0]?.id, on.older, on.missed]).toEqual(["3", "3", 0]);
  });

  it("who reads keeps what they read, and is told that more came", () => {
    const on = appended(full, lines(mostKept + 1, mostKept + 3), "reading");
    expect(on.shown).toHaveLength(mostKept);
    expect([on.shown[0]?.id, on.missed]).toEqual(["1", 3]);
    // A gap is never closed by what comes later.
    expect(appended(on, [line(mostKept + 4)], "following")).toEqual({ ...on, missed: 4 });
    const whole = continued(on, page(mostKept + 1, mostKept + 4));
    expect([whole.shown.at(-1)?.id, whole.shown.length, whole.missed]).toEqual([
      String(mostKept + 4),
      mostKept,
      0,
    ]);
    expect(continued(on, page(mostKept + 1, mostKept + 2, "x")).missed).toBe(1);
  });

  it("who reads upwards loses the newest", () => {
    const held = appended(opened(page(101, mostKept + 100, "101")), [line(mostKept + 101)], "paused");
    const up = prepended(held, page(1, 100), "paused");
    expect(up.shown).toHaveLength(mostKept);
    expect([up.shown[0]?.id, up.held.length, up.missed]).toEqual(["1", 0, 101]);
  });

  it("who follows keeps the newest, though older ones come", () => {
    const lower = prepended(opened(page(101, mostKept + 100, "101")), page(1, 100), "following");
    expect([lower.shown.at(-1)?.id, lower.older, lower.missed]).toEqual([String(mostKept + 100), "101", 0]);
  });

  it("a pause holds back only so many", () => {
    const paused = appended(full, lines(mostKept + 1, mostKept + 9), "paused");
    expect([paused.held.length, paused.missed]).toEqual([0, 9]);
  });
});
