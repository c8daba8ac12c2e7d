import type { ReactNode } from "react";
import type { Permission, ToolUse } from "../../api/types";
import { Code } from "../../ui/code_block";
import { Markdown } from "../../ui/markdown";
import { CopyButton } from "../../ui/parts";
import { codeText, plainText } from "../../ui/plain_text";
import { diffOf, editsOf, kindOf, textField, type DiffLine } from "./tools";

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

/** Says what is left out: a person who consents must know that there is more. */
function Cut({ text }: { text: string }) {
  if (text.length <= shownCharacters) return null;
  const more = (text.length - shownCharacters).toLocaleString();
  return <p className="px-3.5 pb-2 text-micro text-oma-warning-ink">{more} more characters are not shown.</p>;
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
            <span className="pr-4">{codeText(line.text)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

function languageOf(path: string): string | null {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1] ?? null;
}

type Used = Pick<ToolUse, "tool" | "input">;

/** What goes into a tool: its command, the change of a file, or the bare input. */
export function ToolInput({ tool }: { tool: Used }) {
  const kind = kindOf(tool.tool);
  const command = textField(tool.input, "command");
  if (kind === "run" && command !== null) {
    return (
      <Well label="Command" copy={command}>
        <Pre>
          <span className="text-oma-subtle select-none">$ </span>
          <span className="text-oma-text">{codeText(command.slice(0, shownCharacters))}</span>
        </Pre>
        <Cut text={command} />
      </Well>
    );
  }
  const content = textField(tool.input, "content");
  if (kind === "write" && content !== null) {
    const shown = codeText(content.slice(0, shownCharacters));
    return (
      <Well label="Written text" copy={content}>
        <Pre>
          <Code code={shown} language={languageOf(textField(tool.input, "file_path") ?? "")} />
        </Pre>
        <Cut text={content} />
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
      <Pre>{codeText(text.slice(0, shownCharacters))}</Pre>
      <Cut text={text} />
    </Well>
  );
}

/** What a person answered: the choices, or the note that came with a denial. */
function Answer({ consent }: { consent: Permission }) {
  const answers = Object.entries(consent.answers ?? {});
  if (answers.length === 0 && !consent.message) return null;
  return (
    <dl className="mb-2 ml-2 grid gap-1.5 px-3.5 py-1 text-small max-desk:ml-0">
      {answers.map(([question, answer]) => (
        <div key={question}>
          <dt className="text-oma-subtle">{plainText(question)}</dt>
          <dd>{plainText(String(answer))}</dd>
        </div>
      ))}
      {consent.message && (
        <div>
          <dt className="text-oma-subtle">Your note</dt>
          <dd className="whitespace-pre-wrap">{plainText(consent.message)}</dd>
        </div>
      )}
    </dl>
  );
}

/** A tool use, opened: what went in, what a person said to it, and what came out. */
export function ToolDetail({ tool, consent }: { tool: ToolUse; consent?: Permission | undefined }) {
  const result = tool.result ?? "";
  const shown = plainText(result.slice(0, shownCharacters));
  const plan = tool.tool === "ExitPlanMode" ? textField(tool.input, "plan") : null;
  return (
    <>
      {plan ? (
        <div className="mb-2 ml-2 px-3.5 py-1 text-ui max-desk:ml-0">
          <Markdown text={plan} />
        </div>
      ) : (
        consent?.kind !== "question" && <ToolInput tool={tool} />
      )}
      {consent && <Answer consent={consent} />}
      {/* The result of what was refused or answered is what the person said. */}
      {shown.trim() !== "" && !(consent && (consent.kind === "question" || consent.status === "denied")) && (
        <Well label="Result" copy={result}>
          <Pre>{shown}</Pre>
        </Well>
      )}
    </>
  );
}
