import { describe, expect, it } from "vitest";
import { clock, dayName, duration, relativeTime } from "./time";

const now = new Date(2026, 0, 31, 15, 0, 0).getTime();
const ago = (minutes: number) => now - minutes * 60_000;

describe("times", () => {
  it("are relative while they are near", () => {
    expect([0, 0.5, 4, 59, 60, 185].map((minutes) => relativeTime(ago(minutes), now))).toEqual([
      "now",
      "now",
      "4m",
      "59m",
      "1h",
      "3h",
    ]);
  });

  it("become a weekday, then a date, then a date with its year", () => {
    const text = (...date: [number, number, number]) => relativeTime(new Date(...date, 9).getTime(), now);
    expect(text(2026, 0, 28)).toBe(new Date(2026, 0, 28).toLocaleDateString(undefined, { weekday: "short" }));
    expect(text(2026, 0, 12)).toContain("12");
    expect(text(2024, 0, 12)).toContain("2024");
  });

  it("name the days near by", () => {
    expect(dayName(ago(10), now)).toBe("Today");
    expect(dayName(ago(24 * 60), now)).toBe("Yesterday");
  });

  it("tell how long something took and takes", () => {
    expect([400, 6200, 31_000, 200_000, 180_000].map(duration)).toEqual([
      "0.4 s",
      "6.2 s",
      "31 s",
      "3 min 20 s",
      "3 min",
    ]);
    expect([0, 66_000, 3_600_000].map(clock)).toEqual(["0:00", "1:06", "60:00"]);
  });
});
