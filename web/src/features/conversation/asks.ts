import type { Permission } from "../../api/types";
import { field, kindOf, otherName, shortPath, textField } from "./tools";

// A request of an agent in words, and a question's parts. The input comes from an agent and may have any shape.

/** What stands over the card, and what a screen reader says. */
export function askTitle(name: string, { kind, tool, input }: Pick<Permission, "kind" | "tool" | "input">) {
  if (kind === "question") return `${name} asks you`;
  if (kind === "plan") return `${name} proposes a plan`;
  const path = shortPath(textField(input, "file_path") ?? textField(input, "notebook_path") ?? "");
  switch (kindOf(tool)) {
    case "run":
      return `${name} asks to run a command`;
    case "edit":
      return `${name} asks to edit ${path || "a file"}`;
    case "write":
      return `${name} asks to write ${path || "a file"}`;
    case "read":
      return `${name} asks to read ${path || "a file"}`;
    case "web":
      return tool === "WebSearch" ? `${name} asks to search the web` : `${name} asks to fetch a page`;
    default:
      return `${name} asks to use ${otherName(tool)}`;
  }
}

/** What is asked, in one line: the command, the path, the first question. */
export function askSubject({ kind, input }: Pick<Permission, "kind" | "input">): string {
  if (kind === "question") return questionsOf(input)[0]?.question ?? "";
  if (kind === "plan") return "";
  for (const name of ["command", "file_path", "notebook_path", "url", "query", "pattern"]) {
    const value = textField(input, name);
    if (value !== null) return name.endsWith("path") ? shortPath(value) : value;
  }
  return "";
}

/** What "for the session" would allow. */
export function sessionScope(tool: string): string {
  switch (kindOf(tool)) {
    case "run":
      return "Every command until the session ends";
    case "edit":
    case "write":
      return `Every ${tool} of a file until the session ends`;
    default:
      return `Every use of ${otherName(tool)} until the session ends`;
  }
}

export type Option = { label: string; description: string };
export type Question = { question: string; header: string; options: Option[]; multiSelect: boolean };

export function questionsOf(input: unknown): Question[] {
  const questions = field(input, "questions");
  if (!Array.isArray(questions)) return [];
  return questions.flatMap((each: unknown): Question[] => {
    const question = textField(each, "question");
    if (question === null) return [];
    const options = field(each, "options");
    return [
      {
        question,
        header: textField(each, "header") ?? "",
        multiSelect: field(each, "multiSelect") === true,
        options: (Array.isArray(options) ? options : []).flatMap((option: unknown) => {
          const label = textField(option, "label");
          return label === null ? [] : [{ label, description: textField(option, "description") ?? "" }];
        }),
      },
    ];
  });
}

/** What is chosen and written for one question. */
export type Choice = { labels: readonly string[]; other: string | null };
export const noChoice: Choice = { labels: [], other: null };

/** An answer as the agent takes it: the labels joined by commas, one's own words among them. Null: none yet. */
export function answerOf({ labels, other }: Choice): string | null {
  const words = other?.trim() ?? "";
  if (other !== null && words === "") return null;
  const parts = words === "" ? labels : [...labels, words];
  return parts.length === 0 ? null : parts.join(", ");
}

/** Chooses or unchooses a label; one question takes one, or several when it says so. */
export function choose(choice: Choice, label: string, several: boolean): Choice {
  if (!several) return { labels: [label], other: null };
  const chosen = choice.labels.includes(label);
  const labels = chosen ? choice.labels.filter((other) => other !== label) : [...choice.labels, label];
  return { ...choice, labels };
}
