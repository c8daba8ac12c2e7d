import type { ReactNode } from "react";
import type { ToolUse } from "../../api/types";
import { Code } from "../../ui/code_block";
import { CopyButton } from "../../ui/parts";
import { plainText } from "../../ui/plain_text";
import { describeTool, diffOf, editsOf, textField, type DiffLine } from "./tools";

/** More than this many lines of a diff or an output helps nobody in a chat. */
const shownCharacters = 100_000;

function Well({ label, copy, children }: { label: string; copy: string; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      className="group relative mt-0.5 mb-2 ml-2 overflow-hidden rounded-lg border border-oma-line bg-oma-well max-desk:ml-0"
    >
      <span className="absolute top-1 right-1 z-1 rounded-[7px] bg-oma-well opacity-0 transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100 max-desk:opacity-100">
        <CopyButton text={copy} label={`Copy ${label.toLowerCase()}`} />
      </span>
      {children}
    </section>
  );
}

function Pre({ children }: { children: ReactNode }) {
  return (
    <pre
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
      tabIndex={0}
      className="max-h-[min(50rem,60vh)] overflow-auto px-3.5 py-2.5 font-mono text-code text-oma-muted [tab-size:4]"
    >
      {children}
    </pre>
  );
}

const tones: Record<DiffLine["sign"], string> = {
  "+": "bg-oma-add",
  "-": "bg-oma-del",
  " ": "",
};
const signs: Record<DiffLine["sign"], string> = {
  "+": "text-oma-add-ink font-semibold",
  "-": "text-oma-del-ink font-semibold",
  " ": "text-oma-subtle",
};

export function Diff({ lines }: { lines: DiffLine[] }) {
  return (
    <div className="max-h-[min(50rem,60vh)] overflow-auto py-1 font-mono text-code">
      <div className="min-w-max">
        {lines.map((line, index) => (
          <div
            key={index}
            className={`grid min-h-5 grid-cols-[28px_minmax(0,1fr)] whitespace-pre ${tones[line.sign]}`}
          >
            <span className={`text-center select-none ${signs[line.sign]}`} aria-hidden="true">
              {line.sign === "-" ? "−" : line.sign}
            </span>
            <span className="pr-4">{plainText(line.text)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

function languageOf(path: string): string | null {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1] ?? null;
}

function Input({ tool }: { tool: ToolUse }) {
  const { kind } = describeTool(tool);
  const command = textField(tool.input, "command");
  if (kind === "run" && command !== null) {
    return (
      <Well label="Command" copy={command}>
        <Pre>
          <span className="text-oma-subtle select-none">$ </span>
          <span className="text-oma-text">{plainText(command)}</span>
        </Pre>
      </Well>
    );
  }
  const content = textField(tool.input, "content");
  if (kind === "write" && content !== null) {
    const shown = plainText(content.slice(0, shownCharacters));
    return (
      <Well label="Written text" copy={content}>
        <Pre>
          <Code code={shown} language={languageOf(textField(tool.input, "file_path") ?? "")} />
        </Pre>
      </Well>
    );
  }
  const edits = editsOf(tool);
  if (edits.length > 0) {
    return edits.map((edit, index) => (
      <Well key={index} label="Change" copy={edit.after}>
        <Diff lines={diffOf(edit)} />
      </Well>
    ));
  }
  const text = JSON.stringify(tool.input, null, 2);
  return (
    <Well label="Input" copy={text}>
      <Pre>{plainText(text.slice(0, shownCharacters))}</Pre>
    </Well>
  );
}

/** A tool use, opened: what went in and what came out. */
export function ToolDetail({ tool }: { tool: ToolUse }) {
  const result = tool.result ?? "";
  const shown = plainText(result.slice(0, shownCharacters));
  return (
    <>
      <Input tool={tool} />
      {shown.trim() !== "" && (
        <Well label="Result" copy={result}>
          <Pre>{shown}</Pre>
        </Well>
      )}
    </>
  );
}
