import type { ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkBreaks from "remark-breaks";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "./code_block";

// GitHub's Markdown without HTML: tags are shown as text, images are links, links open apart and only to the web.

const plugins = [remarkGfm, remarkBreaks];

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

export function Formatted({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components} urlTransform={safeUrl}>
      {text}
    </ReactMarkdown>
  );
}
