import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Composer } from "./composer";

beforeEach(() => {
  localStorage.clear();
});

function show(more: Partial<Parameters<typeof Composer>[0]> = {}) {
  const onSend = vi.fn();
  const onStop = vi.fn();
  render(<Composer place="thread" agent="Nori" busy={false} onSend={onSend} onStop={onStop} {...more} />);
  return { onSend, onStop, box: screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message Nori" }) };
}

describe("the composer", () => {
  it("sends with Enter and makes a new line with Shift-Enter", async () => {
    const { onSend, box } = show();
    await userEvent.type(box, "one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("one\ntwo");
    expect(box.value).toBe("");
  });

  it("sends nothing when there is nothing", async () => {
    const { onSend, box } = show();
    await userEvent.type(box, "  {Enter}");
    expect(onSend).not.toHaveBeenCalled();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Send" }).disabled).toBe(true);
  });

  it("offers Stop while the agent works, and Send as soon as there is a text", async () => {
    const { onStop, onSend, box } = show({ busy: true });
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(onStop).toHaveBeenCalledOnce();
    await userEvent.type(box, "and then this");
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    expect(onSend).toHaveBeenCalledExactlyOnceWith("and then this");
  });

  it("keeps a draft for each thread over a reload", async () => {
    const { box } = show();
    await userEvent.type(box, "half a thought");
    const { unmount } = render(<Composer place="other" agent="Miso" busy={false} onSend={vi.fn()} />);
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message Miso" }).value).toBe("");
    unmount();
    render(<Composer place="thread" agent="Koji" busy={false} onSend={vi.fn()} />);
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message Koji" }).value).toBe(
      "half a thought",
    );
  });

  it("shows Chat switched off and says why", async () => {
    show();
    const chat = screen.getByRole("radio", { name: "Chat" });
    expect(chat.getAttribute("aria-disabled")).toBe("true");
    await userEvent.click(chat);
    expect(screen.getByRole("radio", { name: "Work" }).getAttribute("aria-checked")).toBe("true");
    expect(screen.getByRole("status").textContent).toContain("read-only agent");
  });
});
