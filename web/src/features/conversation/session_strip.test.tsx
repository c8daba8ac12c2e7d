import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { StreamSession, WorkSession } from "../../api/types";
import { cautionsOf } from "./cautions";
import { SessionStrip, tokens } from "./session_strip";
import { SilenceBanner } from "./silence_banner";

const session: StreamSession = {
  permissionMode: "ask",
  silence: null,
  contextTokens: 31_400,
  contextWindow: 200_000,
};

function show(more: Partial<StreamSession> = {}, practice = false) {
  const cautions = cautionsOf({ sandbox: false, modelAccess: "relay", network: "internet" } as WorkSession);
  render(
    <SessionStrip
      session={{ ...session, ...more }}
      changes={null}
      practice={practice}
      cautions={cautions}
      changesOpen={false}
      onChanges={vi.fn()}
    />,
  );
}

describe("the strip under the head", () => {
  it("tells how full the conversation is", () => {
    show();
    const meter = screen.getByRole("meter", { name: "Context used" });
    expect(meter.textContent).toContain("31k of 200k · 16 %");
    expect(meter.getAttribute("aria-valuenow")).toBe("16");
  });

  it("warns from 80 % on, and says what comes", () => {
    show({ contextTokens: 160_000 });
    expect(screen.getByRole("meter").title).toContain("shortens the conversation");
  });

  it("shows an honest dash for a cost that nobody knows, and no cost for practice", () => {
    show();
    expect(screen.getByTitle("The cost is not known").textContent).toContain("—");
    show({ costUsd: 0.8449 }, true);
    expect(screen.queryByText("$0.84")).toBeNull();
    show({ costUsd: 0.8449 });
    expect(screen.getByText("$0.84")).toBeTruthy();
  });

  it("explains what is looser than it should be, when asked", async () => {
    show();
    expect(screen.queryByText(/whatever the server’s own user can/)).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "No sandbox" }));
    expect(screen.getByText(/whatever the server’s own user can/)).toBeTruthy();
  });

  it("counts tokens as people do", () => {
    expect([999, 31_400, 1_000_000].map(tokens)).toEqual(["999", "31k", "1.0M"]);
  });
});

describe("silence", () => {
  it("says for how long, on what, and when it ends by itself, with the way to end it now", async () => {
    const onStop = vi.fn();
    const since = new Date(Date.now() - 34_000).toISOString();
    render(
      <SilenceBanner
        silence={{ since, waitingFor: "model", limitSeconds: 300 }}
        stopping={false}
        onStop={onStop}
      />,
    );
    expect(screen.getByRole("status").textContent).toMatch(
      /Silent for 3[34] s · waiting for the model · stops at 5 min/,
    );
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(onStop).toHaveBeenCalledOnce();
  });
});
