import { describe, expect, it } from "vitest";
import type { ToolUse } from "../../api/types";
import { describeTool, diffOf, editsOf, foldedLine, groupTools, shortPath } from "./tools";

let count = 0;
function tool(name: string, input: ToolUse["input"], more: Partial<ToolUse> = {}): ToolUse {
  const startedAt = "2026-01-31T09:05:07.000000Z";
  return { toolUseId: `t${String(count++)}`, tool: name, input, status: "done", startedAt, ...more };
}

describe("a tool line", () => {
  it("says in the past tense what was done to what", () => {
    expect(describeTool(tool("Bash", { command: "npm test" }))).toMatchObject({
      verb: "Ran",
      argument: "npm test",
    });
    expect(describeTool(tool("Grep", { pattern: "TODO" }))).toMatchObject({
      verb: "Searched",
      argument: "TODO",
    });
  });

  it("says in the present tense what goes on", () => {
    expect(describeTool(tool("Bash", { command: "npm test" }, { status: "running" })).verb).toBe("Running");
  });

  it("shows the first line of a long command", () => {
    expect(describeTool(tool("Bash", { command: "cat <<E\nhello\nE" })).argument).toBe("cat <<E hello E");
  });

  it("names a file from the repository's root", () => {
    const path = "/home/me/.omakase/workspaces/work/01JABC/src/main.ts";
    expect(describeTool(tool("Read", { file_path: path })).argument).toBe("src/main.ts");
    expect(shortPath("/etc/hosts")).toBe("/etc/hosts");
  });

  it("counts the lines of an edit, not those that stayed", () => {
    const input = { file_path: "a", old_string: "one\ntwo\nthree\n", new_string: "one\n2\n2b\nthree\n" };
    expect(describeTool(tool("Edit", input)).change).toEqual({ added: 2, removed: 1 });
  });

  it("counts the lines of a written file", () => {
    expect(describeTool(tool("Write", { file_path: "a", content: "x\ny\n" })).change).toEqual({
      added: 2,
      removed: 0,
    });
  });

  it("names a tool it does not know, and one whose input has another shape", () => {
    expect(describeTool(tool("mcp__tracker__create", {}))).toMatchObject({
      verb: "Used",
      argument: "tracker: create",
    });
    expect(describeTool(tool("Bash", { command: 7 }))).toMatchObject({ argument: "" });
  });
});

describe("an edit", () => {
  it("is shown line by line", () => {
    expect(diffOf({ before: "a\nb\n", after: "a\nc\n" })).toEqual([
      { sign: " ", text: "a" },
      { sign: "-", text: "b" },
      { sign: "+", text: "c" },
    ]);
  });

  it("of an empty place only adds", () => {
    expect(diffOf({ before: "", after: "x" })).toEqual([{ sign: "+", text: "x" }]);
  });

  it("may consist of several", () => {
    const edits = [
      { old_string: "a", new_string: "b" },
      { old_string: "c", new_string: "d" },
    ];
    expect(editsOf(tool("MultiEdit", { file_path: "f", edits }))).toHaveLength(2);
  });
});

describe("a stack of tool lines", () => {
  const reads = (n: number) => Array.from({ length: n }, () => tool("Read", { file_path: "a" }));

  it("folds six of a kind and leaves five as they are", () => {
    expect(groupTools(reads(5))[0]?.folded).toBe(false);
    const [group] = groupTools(reads(9));
    expect(group?.folded).toBe(true);
    expect(group && foldedLine(group)).toBe("Read 9 files");
  });

  it("folds neighbours only", () => {
    const tools = [...reads(3), tool("Bash", { command: "ls" }), ...reads(3)];
    expect(groupTools(tools).map(({ folded }) => folded)).toEqual([false, false, false]);
  });

  it("stays open while one of them runs", () => {
    const tools = [...reads(6), tool("Read", { file_path: "b" }, { status: "running" })];
    expect(groupTools(tools)[0]?.folded).toBe(false);
  });
});
