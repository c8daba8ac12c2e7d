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
  render(
    <Composer
      place="thread"
      projectId="project"
      agent="Nori"
      busy={false}
      onSend={onSend}
      onStop={onStop}
      {...more}
    />,
  );
  return { onSend, onStop, box: screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message Nori" }) };
}

describe("the composer", () => {
  it("sends with Enter and makes a new line with Shift-Enter", async () => {
    const { onSend, box } = show();
    await userEvent.type(box, "one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("one\ntwo", "next", []);
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
    expect(onSend).toHaveBeenCalledExactlyOnceWith("and then this", "next", []);
  });

  it("keeps a draft for each thread over a reload", async () => {
    const { box } = show();
    await userEvent.type(box, "half a thought");
    const { unmount } = render(
      <Composer place="other" projectId="project" agent="Miso" busy={false} onSend={vi.fn()} />,
    );
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message Miso" }).value).toBe("");
    unmount();
    render(<Composer place="thread" projectId="project" agent="Koji" busy={false} onSend={vi.fn()} />);
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message Koji" }).value).toBe(
      "half a thought",
    );
  });

  it("says how soon a message is to arrive: at the next step, after the turn, or at once", async () => {
    const { onSend, box } = show({ busy: true });
    await userEvent.type(box, "one{Enter}");
    await userEvent.type(box, "two{Control>}{Enter}{/Control}");
    await userEvent.type(box, "three");
    await userEvent.click(screen.getByRole("button", { name: "When to send" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /Hold back/ }));
    expect(onSend.mock.calls).toEqual([
      ["one", "next", []],
      ["two", "now", []],
      ["three", "hold", []],
    ]);
  });

  it("asks for the last waiting message with ↑, when nothing is written", async () => {
    const onUp = vi.fn();
    const { box } = show({ busy: true, onUp });
    await userEvent.type(box, "{ArrowUp}");
    expect(onUp).toHaveBeenCalledOnce();
    await userEvent.type(box, "text{ArrowUp}");
    expect(onUp).toHaveBeenCalledOnce();
  });
});
