import { describe, expect, it } from "vitest";
import { oneLine, plainText, showHidden, stripAnsi } from "./plain_text";

describe("terminal output", () => {
  it("loses its colours, links and titles, and keeps its words", () => {
    expect(stripAnsi("\u001b[1;31mFAILED\u001b[0m test")).toBe("FAILED test");
    expect(stripAnsi("\u001b]8;;https://x.example\u0007link\u001b]8;;\u0007")).toBe("link");
    expect(stripAnsi("\u001b]0;title\u001b\\after")).toBe("after");
  });

  it("keeps what a line drew over itself last", () => {
    expect(stripAnsi("10%\r50%\r100%\ndone\r\n")).toBe("100%\ndone\n");
  });

  it("loses control characters but not its tabs and line breaks", () => {
    expect(stripAnsi("a\u0000b\u0007\tc\nd")).toBe("ab\tc\nd");
  });
});

describe("characters that hide or reorder others", () => {
  it("are shown by their number", () => {
    expect(showHidden("if (a\u202e b)")).toBe("if (a⟨U+202E⟩ b)");
    expect(showHidden("zero\u200bwidth")).toBe("zero⟨U+200B⟩width");
    expect(showHidden("a\u2066b\u2069")).toBe("a⟨U+2066⟩b⟨U+2069⟩");
    expect(showHidden("tag\u{e0041}")).toBe("tag⟨U+E0041⟩");
  });

  it("are left alone where a script or an emoji needs them", () => {
    expect(showHidden("👩‍👩‍👧")).toBe("👩‍👩‍👧");
    expect(showHidden("نمی‌خواهم")).toBe("نمی‌خواهم");
    expect(showHidden("ad\u200dmin")).toBe("ad⟨U+200D⟩min");
  });

  it("are shown in terminal output too", () => {
    expect(plainText("\u001b[31mred\u001b[0m\u202e")).toBe("red⟨U+202E⟩");
  });
});

describe("Markdown in one line", () => {
  it("loses its marks and keeps its words", () => {
    expect(
      oneLine("## The tests pass\n\n> I **repaired** `rice.sh`\n- [ ] see [why](https://x.example)"),
    ).toBe("The tests pass I repaired rice.sh [ ] see why");
  });

  it("leaves alone what only looks like a mark", () => {
    expect(oneLine("2 * 3 and snake_case, `cut off")).toBe("2 * 3 and snake_case, `cut off");
  });
});
