import { useEffect, useState, type ReactNode } from "react";
import { CopyButton } from "./parts";

type Highlight = (code: string, language: string) => ReactNode;

let highlight: Highlight | null = null;

/** The highlighter is loaded with the first code block that names a language. */
function useHighlight(wanted: boolean): Highlight | null {
  const [ready, setReady] = useState<Highlight | null>(() => highlight);
  useEffect(() => {
    if (!wanted || ready) return;
    let mounted = true;
    void import("./highlight").then((module) => {
      highlight = module.highlight;
      if (mounted) setReady(() => module.highlight);
    });
    return () => {
      mounted = false;
    };
  }, [wanted, ready]);
  return ready;
}

/** Colours only what is short enough to colour between two frames. */
const highlightLimit = 30_000;

export function Code({ code, language }: { code: string; language: string | null }) {
  const wanted = language !== null && code.length < highlightLimit;
  const colour = useHighlight(wanted);
  return <code className="font-mono">{wanted && colour ? colour(code, language) : code}</code>;
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
