import { render } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { goToStop, useNeedsYouStop, wishForStop } from "./needs_you";

function View({ stop }: { stop: (() => boolean) | null }) {
  useNeedsYouStop(stop);
  return null;
}

it("goes to what needs a person on this page, and knows when they stand there already", () => {
  expect(goToStop()).toBe(false);
  const stop = vi.fn(() => true);
  const view = render(<View stop={stop} />);
  expect(goToStop()).toBe(true);
  stop.mockReturnValue(false);
  expect(goToStop()).toBe(false);
  view.rerender(<View stop={null} />);
  stop.mockReturnValue(true);
  expect(goToStop()).toBe(false);
});

it("goes there as soon as it is there, when it was wished for", () => {
  const stop = vi.fn(() => true);
  wishForStop();
  const view = render(<View stop={null} />);
  expect(stop).not.toHaveBeenCalled();
  view.rerender(<View stop={stop} />);
  expect(stop).toHaveBeenCalledOnce();
});
