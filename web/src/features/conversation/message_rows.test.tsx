import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { PersonRow } from "./message_rows";

it("a message that the session's end left unread says when it is read, and can be taken back", async () => {
  const onTakeBack = vi.fn();
  render(
    <PersonRow
      content="hello"
      attachments={[]}
      author="You"
      at="2026-01-31T09:05:00.000000Z"
      receipt="unread"
      agent="Nori"
      preparing={false}
      failure={null}
      onRetry={vi.fn()}
      onDiscard={vi.fn()}
      onTakeBack={onTakeBack}
    />,
  );
  screen.getByText(/Not read yet: Nori gets it with your next message/);
  await userEvent.click(screen.getByRole("button", { name: "Take back" }));
  expect(onTakeBack).toHaveBeenCalledOnce();
});
