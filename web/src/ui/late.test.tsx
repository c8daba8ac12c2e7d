import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { late } from "./late";

it("is fetched once, when it is first wanted, and is there for all who want it", async () => {
  const load = vi.fn(() => Promise.resolve("part"));
  const { usePart } = late(load);
  expect(renderHook(() => usePart(false)).result.current).toBeNull();
  expect(load).not.toHaveBeenCalled();
  const first = renderHook(() => usePart());
  const second = renderHook(() => usePart());
  expect(first.result.current).toBeNull();
  await act(() => Promise.resolve());
  expect([first.result.current, second.result.current]).toEqual(["part", "part"]);
  expect(renderHook(() => usePart()).result.current).toBe("part");
  expect(load).toHaveBeenCalledOnce();
});

it("is tried again by the next view when it could not be fetched", async () => {
  const load = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error("away"));
  load.mockResolvedValue("part");
  const { usePart } = late(load);
  const first = renderHook(() => usePart());
  await act(() => Promise.resolve());
  expect(first.result.current).toBeNull();
  renderHook(() => usePart());
  await act(() => Promise.resolve());
  expect(first.result.current).toBe("part");
});
