import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { WaitingTray } from "./tray";
import type { Outcome, WaitingActions } from "./use_waiting";
import type { Waiting } from "./waiting";

const two: Waiting[] = [
  { id: "b", content: "Add a test", attachments: [], state: "stored" },
  { id: "c", content: "Then look at invoices", attachments: [], state: "held" },
];

let actions: WaitingActions;
let outcome: Outcome;
let rescued: string[];

function Tray({ waiting }: { waiting: Waiting[] }) {
  const [editing, setEditing] = useState<string | null>(null);
  return (
    <WaitingTray
      waiting={waiting}
      agent="Nori"
      actions={actions}
      editing={editing}
      onEdit={setEditing}
      onLateEdit={(text) => rescued.push(text)}
    />
  );
}

beforeEach(() => {
  outcome = { state: "done" };
  rescued = [];
  actions = {
    edit: vi.fn(() => Promise.resolve(outcome)),
    move: vi.fn(),
    hold: vi.fn(),
    sendNow: vi.fn(),
    withdraw: vi.fn(),
  };
});

const rowOf = (text: string) => {
  const row = screen.getByText(text).closest("li");
  if (!row) throw new Error(`${text} is in no row`);
  return within(row);
};
const menuOf = async (text: string) => {
  await userEvent.click(rowOf(text).getByRole("button", { name: /hold back or withdraw/ }));
  return screen.findByRole("menu");
};

describe("the waiting messages", () => {
  it("say how they wait: for the next step, or held back", () => {
    render(<Tray waiting={two} />);
    const tray = screen.getByRole("region", { name: "Waiting messages" });
    expect(tray.textContent).toContain("2 waiting");
    expect(tray.textContent).toContain("Stored");
    expect(screen.getAllByRole("listitem").map((row) => row.textContent)).toEqual([
      expect.stringContaining("Add a test"),
      expect.stringContaining("held back"),
    ]);
  });

  it("say that one is still on its way, and offer nothing for it yet", () => {
    render(<Tray waiting={[{ id: "d", content: "on its way", attachments: [], state: "sending" }]} />);
    expect(rowOf("on its way").getByText("Sending")).toBeTruthy();
    expect(rowOf("on its way").queryByRole("button")).toBeNull();
  });

  it("move with Alt and the arrows", async () => {
    render(<Tray waiting={two} />);
    rowOf("Then look at invoices").getByRole("button", { name: /^Move/ }).focus();
    await userEvent.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(actions.move).toHaveBeenCalledExactlyOnceWith("c", 0);
  });

  it("are sent now and withdrawn from the row", async () => {
    render(<Tray waiting={two} />);
    await userEvent.click(rowOf("Add a test").getByRole("button", { name: "Send now" }));
    await userEvent.click(rowOf("Then look at invoices").getByRole("button", { name: "Withdraw" }));
    expect(actions.sendNow).toHaveBeenCalledExactlyOnceWith("b");
    expect(actions.withdraw).toHaveBeenCalledExactlyOnceWith("c");
  });

  it("are held back and let go from the row's menu", async () => {
    render(<Tray waiting={two} />);
    await userEvent.click(within(await menuOf("Add a test")).getByText("Hold back until the turn ends"));
    await userEvent.click(
      within(await menuOf("Then look at invoices")).getByText("Let go, for the next step"),
    );
    expect(vi.mocked(actions.hold).mock.calls).toEqual([
      ["b", true],
      ["c", false],
    ]);
  });
});

describe("editing a waiting message", () => {
  const edit = async (text: string, more: string) => {
    await userEvent.click(rowOf(text).getByRole("button", { name: "Edit" }));
    const box = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Edit the waiting message" });
    await userEvent.type(box, more);
    return box;
  };

  it("saves with Enter", async () => {
    render(<Tray waiting={two} />);
    await edit("Add a test", " for it{Enter}");
    expect(actions.edit).toHaveBeenCalledExactlyOnceWith("b", "Add a test for it");
    await waitFor(() => {
      expect(screen.queryByRole("textbox")).toBeNull();
    });
    expect(rescued).toEqual([]);
  });

  it("leaves with Escape and changes nothing", async () => {
    render(<Tray waiting={two} />);
    await edit("Add a test", " for it{Escape}");
    expect(actions.edit).not.toHaveBeenCalled();
    expect(rescued).toEqual([]);
  });

  it("keeps the text and says why when it could not be saved", async () => {
    outcome = { state: "failed", words: "The server cannot be reached." };
    render(<Tray waiting={two} />);
    const box = await edit("Add a test", " for it{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("The server cannot be reached.");
    expect(box.value).toBe("Add a test for it");
  });

  it("hands the text on when the agent takes the message meanwhile", async () => {
    const view = render(<Tray waiting={two} />);
    await edit("Add a test", " for it");
    view.rerender(<Tray waiting={two.slice(1)} />);
    expect(rescued).toEqual(["Add a test for it"]);
  });
});
