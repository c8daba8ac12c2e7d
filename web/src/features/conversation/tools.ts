import { diffLines } from "diff";
import type { Permission, ToolUse } from "../../api/types";

// What a tool use says in one line: an icon's name, a verb, an argument, a result. The input comes from an agent
// and may have any shape.

export type ToolKind =
  "read" | "search" | "list" | "run" | "edit" | "write" | "plan" | "web" | "delegate" | "ask" | "other";

export type ToolLine = {
  kind: ToolKind;
  verb: string;
  argument: string;
  /** The added and removed lines of an edit. */
  change: { added: number; removed: number } | null;
};

type Words = { kind: ToolKind; done: string; running: string; argument: string[] };

const known: Record<string, Words> = {
  Read: { kind: "read", done: "Read", running: "Reading", argument: ["file_path", "path"] },
  NotebookRead: { kind: "read", done: "Read", running: "Reading", argument: ["notebook_path"] },
  Bash: { kind: "run", done: "Ran", running: "Running", argument: ["command"] },
  BashOutput: { kind: "run", done: "Looked at output", running: "Looking at output", argument: ["bash_id"] },
  KillShell: { kind: "run", done: "Ended a command", running: "Ending a command", argument: ["shell_id"] },
  Edit: { kind: "edit", done: "Edited", running: "Editing", argument: ["file_path"] },
  MultiEdit: { kind: "edit", done: "Edited", running: "Editing", argument: ["file_path"] },
  NotebookEdit: { kind: "edit", done: "Edited", running: "Editing", argument: ["notebook_path"] },
  Write: { kind: "write", done: "Wrote", running: "Writing", argument: ["file_path"] },
  Grep: { kind: "search", done: "Searched", running: "Searching", argument: ["pattern"] },
  Glob: { kind: "list", done: "Listed", running: "Listing", argument: ["pattern"] },
  LS: { kind: "list", done: "Listed", running: "Listing", argument: ["path"] },
  TodoWrite: { kind: "plan", done: "Planned", running: "Planning", argument: [] },
  WebFetch: { kind: "web", done: "Fetched", running: "Fetching", argument: ["url"] },
  WebSearch: { kind: "web", done: "Searched the web", running: "Searching the web", argument: ["query"] },
  Task: { kind: "delegate", done: "Delegated", running: "Delegating", argument: ["description"] },
  AskUserQuestion: { kind: "ask", done: "Asked you", running: "Asking you", argument: [] },
  ExitPlanMode: { kind: "plan", done: "Proposed a plan", running: "Proposing a plan", argument: [] },
  Agent: { kind: "delegate", done: "Delegated", running: "Delegating", argument: ["description"] },
};

export function kindOf(tool: string): ToolKind {
  return known[tool]?.kind ?? "other";
}

export function field(input: unknown, name: string): unknown {
  return typeof input === "object" && input !== null ? (input as Record<string, unknown>)[name] : undefined;
}

export function textField(input: unknown, name: string): string | null {
  const value = field(input, name);
  return typeof value === "string" ? value : null;
}

/** A path as the person knows it: from the repository's root. */
export function shortPath(path: string): string {
  return path.replace(/^.*\/work\/[A-Za-z0-9_-]+\//, "").replace(/^\/(workspace|repo)\//, "");
}

function planned(input: unknown): string {
  const todos = field(input, "todos");
  if (!Array.isArray(todos)) return "";
  const done = todos.filter((todo) => textField(todo, "status") === "completed").length;
  return `${String(done)} of ${String(todos.length)} done`;
}

function askedAbout(input: unknown): string {
  const questions = field(input, "questions");
  if (!Array.isArray(questions)) return "";
  return questions.map((each) => textField(each, "header") ?? textField(each, "question") ?? "").join(", ");
}

/** How a request ended, in the words of its line. Null when nobody was asked: an earlier consent held. */
export function consentWords({ kind, status, scope, automatic }: Permission): string | null {
  switch (status) {
    case "allowed":
      if (automatic) return null;
      if (kind === "question") return "Answered by you";
      if (kind === "plan") return "Plan approved by you";
      if (scope === "session") return "Allowed for the session by you";
      return scope === "command" ? "Always allowed by you" : "Allowed once by you";
    case "denied":
      if (kind === "question") return "Left unanswered by you";
      return kind === "plan" ? "Planning goes on" : "Denied by you";
    case "expired":
      return "Expired";
    case "cancelled":
      return "No longer asked";
    case "pending":
      return null;
  }
}

export type Edit = { before: string; after: string };

/** The replacements that an edit makes. */
export function editsOf(tool: Pick<ToolUse, "input">): Edit[] {
  const edits = field(tool.input, "edits");
  const list: unknown[] = Array.isArray(edits) ? edits : [tool.input];
  return list.flatMap((edit) => {
    const before = textField(edit, "old_string");
    const after = textField(edit, "new_string");
    return before === null || after === null ? [] : [{ before, after }];
  });
}

/** Comparing more than this would hold up the page. */
const comparedLimit = 50_000;

export type DiffLine = { sign: "+" | "-" | " "; text: string };

export function diffOf({ before, after }: Edit): DiffLine[] {
  const lines = (text: string) => text.replace(/\n$/, "").split("\n");
  const whole = (sign: "+" | "-", text: string): DiffLine[] =>
    text === "" ? [] : lines(text).map((line) => ({ sign, text: line }));
  if (before.length + after.length > comparedLimit) return [...whole("-", before), ...whole("+", after)];
  const ended = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}\n`);
  return diffLines(ended(before), ended(after)).flatMap((part) => {
    const sign = part.added ? "+" : part.removed ? "-" : " ";
    return lines(part.value).map((text): DiffLine => ({ sign, text }));
  });
}

function changeOf(tool: ToolUse, kind: ToolKind): ToolLine["change"] {
  if (kind === "write") {
    const content = textField(tool.input, "content");
    return content === null ? null : { added: content.replace(/\n$/, "").split("\n").length, removed: 0 };
  }
  const lines = editsOf(tool).flatMap(diffOf);
  if (lines.length === 0) return null;
  const count = (sign: string) => lines.filter((line) => line.sign === sign).length;
  return { added: count("+"), removed: count("-") };
}

/** The name of a tool that this page has no words for; one of an MCP server with the server's. */
export function otherName(tool: string): string {
  const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  return server && name ? `${server}: ${name}` : tool;
}

/** Of an argument no line shows more. */
const shownArgument = 500;

const changes = new WeakMap<ToolUse, ToolLine["change"]>();

export function describeTool(tool: ToolUse): ToolLine {
  const words = known[tool.tool];
  if (!words) {
    const verb = tool.status === "running" ? "Using" : "Used";
    return { kind: "other", verb, argument: otherName(tool.tool), change: null };
  }
  const value = words.argument.map((name) => textField(tool.input, name)).find((text) => text !== null) ?? "";
  const isPath = words.argument[0]?.endsWith("path") === true;
  const argument =
    tool.tool === "TodoWrite"
      ? planned(tool.input)
      : words.kind === "ask"
        ? askedAbout(tool.input)
        : isPath
          ? shortPath(value)
          : value.slice(0, shownArgument).replaceAll(/\s+/g, " ").trim();
  let change = changes.get(tool) ?? null;
  if ((words.kind === "edit" || words.kind === "write") && !changes.has(tool)) {
    change = changeOf(tool, words.kind);
    changes.set(tool, change);
  }
  return { kind: words.kind, verb: tool.status === "running" ? words.running : words.done, argument, change };
}

const foldFrom = 6;

/** Neighbours of one kind; a group of six or more is shown as one line until it is opened. */
export type ToolGroup = { key: string; kind: ToolKind; tools: ToolUse[]; folded: boolean };

export function groupTools(tools: ToolUse[]): ToolGroup[] {
  const groups: ToolGroup[] = [];
  for (const tool of tools) {
    const { kind } = describeTool(tool);
    const last = groups.at(-1);
    if (last?.kind === kind) last.tools.push(tool);
    else groups.push({ key: tool.toolUseId, kind, tools: [tool], folded: false });
  }
  for (const group of groups) {
    group.folded = group.tools.length >= foldFrom && group.tools.every((tool) => tool.status !== "running");
  }
  return groups;
}

export function foldedLine(group: ToolGroup): string {
  const n = String(group.tools.length);
  switch (group.kind) {
    case "read":
      return `Read ${n} files`;
    case "search":
      return `Searched ${n} times`;
    case "list":
      return `Listed files ${n} times`;
    case "run":
      return `Ran ${n} commands`;
    case "edit":
      return `Made ${n} edits`;
    case "write":
      return `Wrote ${n} files`;
    case "plan":
      return `Planned ${n} times`;
    case "web":
      return `Looked at the web ${n} times`;
    case "delegate":
      return `Delegated ${n} tasks`;
    case "ask":
      return `Asked you ${n} times`;
    case "other":
      return `Used ${n} tools`;
  }
}
