import { late } from "./late";
import { CopyButton } from "./parts";

// The highlighter comes with the first code that names a language.
export const highlighter = late(() => import("./highlight"));

/** Colours only what is short enough to colour between two frames. */
const highlightLimit = 30_000;

export function Code({ code, language }: { code: string; language: string | null }) {
  const wanted = language !== null && code.length < highlightLimit;
  const part = highlighter.usePart(wanted);
  return <code className="font-mono">{wanted && part ? part.highlight(code, language) : code}</code>;
}

export function CodeBlock({ code, language }: { code: string; language: string | null }) {
  return (
    <div className="overflow-hidden rounded-lg border border-oma-line bg-oma-well">
      <header className="flex items-center justify-between border-b border-oma-line py-[3px] pr-[5px] pl-3.5 text-micro text-oma-subtle">
        <span>{language ?? "text"}</span>
        <CopyButton text={code} label="Copy code" />
      </header>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it */}
      <pre tabIndex={0} className="overflow-x-auto px-3.5 py-2.5 text-code [tab-size:4]">
        <Code code={code} language={language} />
      </pre>
    </div>
  );
}
