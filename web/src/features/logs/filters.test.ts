import { describe, expect, it } from "vitest";
import { filtersOf, matcherOf, noFilters, readLogSearch, searchOf, withAgentSwitched } from "./filters";
import { line } from "./test_lines";

describe("the filters of the address", () => {
  it("come back as they went, and say nothing where they are as usual", () => {
    const filters = { agents: ["nori", "miso"], level: "warn", q: "a,b & c" } as const;
    expect(filtersOf(readLogSearch(searchOf(filters)))).toEqual(filters);
    expect(searchOf(noFilters)).toEqual({});
    expect(filtersOf({})).toEqual(noFilters);
  });

  it("take what a person may have typed there", () => {
    expect(readLogSearch({ q: 500, level: "loud", agents: ",nori,", chat: "x" })).toEqual({
      q: "500",
      agents: "nori",
    });
    expect(readLogSearch({ q: true, agents: {} })).toEqual({});
  });
});

describe("a line", () => {
  const wanted = (filters: Partial<typeof noFilters>, more: Parameters<typeof line>[1]) =>
    matcherOf({ ...noFilters, ...filters })(line(1, more));

  it("is wanted by its level and those above", () => {
    expect(
      ["debug", "info", "warn", "error"].map((level) => wanted({ level: "warn" }, { level } as never)),
    ).toEqual([false, false, true, true]);
    expect(wanted({ level: "debug" }, { level: "debug" })).toBe(true);
  });

  it("is wanted by its agent, whoever it is while none is chosen", () => {
    expect(wanted({ agents: ["miso", "koji"] }, { agentName: "nori" })).toBe(false);
    expect(wanted({ agents: ["miso", "nori"] }, { agentName: "nori" })).toBe(true);
    expect(wanted({}, { agentName: "somebody" })).toBe(true);
  });

  it("is wanted by its text, in which letters may differ in size", () => {
    expect(wanted({ q: "LiMiT" }, { message: "the lImIts" })).toBe(true);
    expect(wanted({ q: "limit" }, { message: "lim it" })).toBe(false);
    expect(wanted({ q: "ä" }, { message: "Ä" })).toBe(true);
    expect(wanted({ q: "." }, { message: "no dot" })).toBe(false);
  });
});

it("an agent is switched, and all or none of them are all of them", () => {
  const team = ["miso", "nori", "koji"];
  expect(withAgentSwitched([], team, "nori")).toEqual(["miso", "koji"]);
  expect(withAgentSwitched(["miso", "koji"], team, "nori")).toEqual([]);
  expect(withAgentSwitched(["nori"], team, "nori")).toEqual([]);
  expect(withAgentSwitched(["nori"], team, "miso")).toEqual(["nori", "miso"]);
});
