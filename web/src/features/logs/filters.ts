import type { LogLevel, LogLine } from "../../api/types";

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

/** Large and small letters of ASCII are the same, and no others: as the server compares. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether a line is wanted, as a function that is made once for many lines. */
export function matcherOf({ agents, level, q }: LogFilters): (line: LogLine) => boolean {
  const least = levels.indexOf(level);
  const text = lowerAscii(q);
  return (line) =>
    levels.indexOf(line.level) >= least &&
    (agents.length === 0 || agents.includes(line.agentName)) &&
    (text === "" || lowerAscii(line.message).includes(text));
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

export type Piece = { text: string; hit: boolean };

/** A text in pieces, those that were searched for marked. */
export function piecesOf(text: string, q: string): Piece[] {
  const wanted = lowerAscii(q);
  if (wanted === "") return [{ text, hit: false }];
  const lower = lowerAscii(text);
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), hit: false });
    from = at + wanted.length;
    pieces.push({ text: text.slice(at, from), hit: true });
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}
