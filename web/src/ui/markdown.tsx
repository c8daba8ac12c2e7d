import { memo, useMemo, useState, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkBreaks from "remark-breaks";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "./code_block";
import { showHidden } from "./plain_text";

// GitHub's Markdown without HTML: tags are shown as text, images are links, links open apart and only to the web.

const plugins = [remarkGfm, remarkBreaks];
/** Parsing more than this at every word would make the page crawl. */
const formattedLimit = 100_000;
const shownLimit = 20_000;

function safeUrl(url: string): string {
  return /^(https?:|mailto:|#)/i.test(url) ? url : "";
}

function Link({ href, children }: { href?: string | undefined; children?: ReactNode }) {
  if (!href) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

const components: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  img: ({ src, alt }) => (
    <Link href={typeof src === "string" ? src : undefined}>{alt ? `Image: ${alt}` : "Image"}</Link>
  ),
  pre: ({ children }) => <>{children}</>,
  table: ({ children }) => (
    <div className="table-scroll">
      <table>{children}</table>
    </div>
  ),
  code: ({ className, children, node }) => {
    const text = typeof children === "string" ? children : "";
    const fenced = node?.position && node.position.start.line !== node.position.end.line;
    const language = /language-(\S+)/.exec(className ?? "")?.[1] ?? null;
    if (!language && !fenced && !text.includes("\n")) return <code>{children}</code>;
    return <CodeBlock code={text.replace(/\n$/, "")} language={language} />;
  },
};

function LongText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  return (
    <div className="whitespace-pre-wrap">
      {all ? text : text.slice(0, shownLimit)}
      {!all && (
        <button
          type="button"
          className="mt-2 block text-oma-info-ink underline underline-offset-3"
          onClick={() => {
            setAll(true);
          }}
        >
          Show all {Math.ceil(text.length / 1024)} KB
        </button>
      )}
    </div>
  );
}

/** `writing` puts the caret after the last word. */
export const Markdown = memo(function Markdown({
  text,
  writing = false,
}: {
  text: string;
  writing?: boolean;
}) {
  const shown = useMemo(() => showHidden(text), [text]);
  const long = shown.length > formattedLimit;
  return (
    <div className={writing ? "prose prose--writing" : "prose"}>
      {long ? (
        <LongText text={shown} />
      ) : (
        <ReactMarkdown remarkPlugins={plugins} components={components} urlTransform={safeUrl}>
          {shown}
        </ReactMarkdown>
      )}
    </div>
  );
});
