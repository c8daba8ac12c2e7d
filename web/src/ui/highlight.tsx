import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import type { ReactNode } from "react";

type Nodes = ReturnType<ReturnType<typeof createLowlight>["highlight"]>["children"];

const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  makefile,
  markdown,
  php,
  python,
  ruby,
  rust,
  sql,
  swift,
  typescript,
  xml,
  yaml,
});

function render(nodes: Nodes): ReactNode {
  return nodes.map((node, index) => {
    if (node.type === "text") return node.value;
    if (node.type !== "element") return null;
    const names = node.properties.className;
    return (
      <span key={index} className={Array.isArray(names) ? names.join(" ") : undefined}>
        {render(node.children as Nodes)}
      </span>
    );
  });
}

/** Colours code; a language that is not known stays plain. */
export function highlight(code: string, language: string): ReactNode {
  const name = language.toLowerCase();
  return lowlight.registered(name) ? render(lowlight.highlight(name, code).children) : code;
}

/** The same, line by line: a piece that goes over several lines is coloured on each. Null for an unknown language. */
export function highlightLines(code: string, language: string): ReactNode[] | null {
  const name = language.toLowerCase();
  if (!lowlight.registered(name)) return null;
  const lines: ReactNode[][] = [[]];
  const walk = (nodes: Nodes, className: string | undefined) => {
    for (const node of nodes) {
      if (node.type === "element") {
        const names = node.properties.className;
        const own = Array.isArray(names) ? names.join(" ") : undefined;
        walk(node.children as Nodes, [className, own].filter(Boolean).join(" ") || undefined);
      } else if (node.type === "text") {
        node.value.split("\n").forEach((text, index) => {
          if (index > 0) lines.push([]);
          if (text === "") return;
          const line = lines.at(-1);
          const key = line?.length ?? 0;
          line?.push(
            className ? (
              <span key={key} className={className}>
                {text}
              </span>
            ) : (
              text
            ),
          );
        });
      }
    }
  };
  walk(lowlight.highlight(name, code).children, undefined);
  return lines;
}
