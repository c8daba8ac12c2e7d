import type { LogLevel, LogLine } from "../../api/types";
import { smallLetters } from "../../ui/found";

// Which lines are wanted: as the address says it, as the server is asked for them, and by the same rules for the lines
// that the stream brings. Pure.

export const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export type LogFilters = {
  /** Names of agents; all of them when it is empty. */
  agents: readonly string[];
  /** This one and those above. */
  level: LogLevel;
  /** A text that the message has. */
  q: string;
};

export const noFilters: LogFilters = { agents: [], level: "info", q: "" };

/** The filters as they stand in the address; what is as usual is left out. */
export type LogSearch = { agents?: string | undefined; level?: LogLevel | undefined; q?: string | undefined };

export function isLevel(value: unknown): value is LogLevel {
  return levels.includes(value as LogLevel);
}

/** A search for "500" comes out of the address as a number. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

export function readLogSearch(search: Record<string, unknown>): LogSearch {
  return searchOf({
    agents: textOf(search.agents)
      .split(",")
      .filter((name) => name !== ""),
    level: isLevel(search.level) ? search.level : noFilters.level,
    q: textOf(search.q),
  });
}

export function searchOf({ agents, level, q }: LogFilters): LogSearch {
  return {
    ...(agents.length > 0 ? { agents: agents.join() } : {}),
    ...(level === noFilters.level ? {} : { level }),
    ...(q === "" ? {} : { q }),
  };
}

export function filtersOf({ agents, level, q }: LogSearch): LogFilters {
  return {
    agents: agents ? agents.split(",") : noFilters.agents,
    level: level ?? noFilters.level,
    q: q ?? noFilters.q,
  };
}

/** Whether a line is wanted, as a function that is made once for many lines. */
export function matcherOf({ agents, level, q }: LogFilters): (line: LogLine) => boolean {
  const least = levels.indexOf(level);
  const text = smallLetters(q);
  return (line) =>
    levels.indexOf(line.level) >= least &&
    (agents.length === 0 || agents.includes(line.agentName)) &&
    (text === "" || smallLetters(line.message).includes(text));
}

/** The agents that are wanted after one of the team has been switched; none of them is all of them. */
export function withAgentSwitched(
  chosen: readonly string[],
  team: readonly string[],
  name: string,
): string[] {
  const before = chosen.length > 0 ? chosen : team;
  const after = before.includes(name) ? before.filter((other) => other !== name) : [...before, name];
  return team.every((member) => after.includes(member)) ? [] : after;
}
