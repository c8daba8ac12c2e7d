import type { LogLine } from "../../api/types";
import { plainText } from "../../ui/plain_text";

// Lines as text, on screen and in files. Pure.

/** "09:41:02.114", in the person's own zone. */
export function timeOfDay(timestamp: string): string {
  const at = new Date(timestamp);
  const two = (n: number) => String(n).padStart(2, "0");
  const seconds = `${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return `${two(at.getHours())}:${two(at.getMinutes())}:${seconds}`;
}

/** A message in one line, as long as it is folded. */
export function folded(message: string): string {
  return message.replace(/\s*\n\s*/g, " ↵ ");
}

/** How many rows of so many letters a line's text takes, about. */
export function rowsOf({ source, message }: LogLine, letters: number): number {
  const parts = (source ? `${source} ${message}` : message).split("\n");
  return parts.reduce((rows, part) => rows + Math.max(1, Math.ceil(part.length / Math.max(1, letters))), 0);
}

/** A line for a file: "2026-01-31T09:41:02.114000Z info  nori [pytest] collected 24 items". */
export function lineText({ timestamp, level, agentName, source, message }: LogLine): string {
  const where = source ? ` [${source}]` : "";
  return `${timestamp} ${level.padEnd(5)} ${agentName}${where} ${plainText(message)}\n`;
}

/** What a file of a project's log is called. */
export function fileName(project: string, at: Date): string {
  const name =
    project
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join("-") ?? "project";
  return `${name}-${at.toISOString().slice(0, 16).replace(":", "")}.log`;
}

/** "1 line", "18,204 lines". */
export function countOf(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}
