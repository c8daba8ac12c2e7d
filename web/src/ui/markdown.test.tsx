import { render, screen } from "@testing-library/react";
import { beforeAll, describe, expect, it } from "vitest";
import { formatter, Markdown } from "./markdown";

function html(text: string): string {
  return render(<Markdown text={text} />).container.innerHTML;
}

it("stands there plainly until the formatter has come", async () => {
  const { container } = render(<Markdown text={"**one**\n<b>two</b>"} />);
  expect(container.textContent).toBe("**one**\n<b>two</b>");
  expect(await screen.findByText("one")).toHaveProperty("tagName", "STRONG");
});

describe("what an agent writes", () => {
  beforeAll(formatter.fetchPart);

  it("is GitHub's Markdown", () => {
    render(<Markdown text={"| a | b |\n| - | - |\n| 1 | 2 |\n\n- [x] done\n\n~~gone~~ **bold** `code`"} />);
    expect(screen.getByRole("table")).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(true);
    expect(screen.getByText("gone").tagName).toBe("DEL");
    expect(screen.getByText("bold").tagName).toBe("STRONG");
  });

  it("keeps its line breaks", () => {
    expect(html("one\ntwo")).toContain("<br>");
  });

  it("shows HTML and never runs it", () => {
    const shown = html('<img src=x onerror="alert(1)"><script>alert(1)</script> <b>hi</b>');
    expect(shown).not.toMatch(/<(img|script|b)[\s>]/);
    expect(shown).toContain("&lt;script&gt;");
  });

  it("fetches no image: it becomes a link", () => {
    expect(html("![chart](https://evil.example/p.png)")).not.toContain("<img");
    expect(screen.getByRole("link", { name: "Image: chart" }).getAttribute("href")).toBe(
      "https://evil.example/p.png",
    );
  });

  it("links to the web only, apart and without a referrer", () => {
    render(<Markdown text="[ok](https://example.com)" />);
    const link = screen.getByRole("link", { name: "ok" });
    expect(link.getAttribute("target")).toBe("_blank");
    expect(link.getAttribute("rel")).toContain("noopener");
    for (const url of [
      "javascript:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "JaVaScRiPt:alert(1)",
      "//evil.example",
      "file:///etc/passwd",
    ]) {
      const { container } = render(<Markdown text={`[bad](${url})`} />);
      expect(container.querySelector("a")).toBeNull();
    }
  });

  it("shows hidden characters", () => {
    expect(html("pay \u202eevil")).toContain("⟨U+202E⟩");
  });

  it("has a copy button on each block of code, also on one without a language", () => {
    render(<Markdown text={"```ts\nlet a = 1;\n```\n\n```\nplain\n```\n\nand `inline`"} />);
    expect(screen.getAllByRole("button", { name: "Copy code" })).toHaveLength(2);
  });

  it("stays usable at a megabyte", () => {
    const { container } = render(<Markdown text={"word ".repeat(200_000)} />);
    expect(container.textContent.length).toBeLessThan(30_000);
    expect(screen.getByRole("button", { name: /Show all/ })).toBeTruthy();
  });
});
