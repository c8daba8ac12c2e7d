import { expect, test } from "vitest";
import { afterDrag } from "./use_sheet_drag";

const height = 844;
const slow = 0.1;
const after = (full: boolean, by: number, speed = slow * Math.sign(by)) => afterDrag(full, by, speed, height);

test("a sheet that is pulled up becomes a page, and one that is hardly moved stays", () => {
  expect(after(false, -60)).toBe("full");
  expect(after(false, -20)).toBe("sheet");
  expect(after(false, -20, -1)).toBe("full");
  expect(after(false, 60)).toBe("sheet");
  expect(after(true, -60)).toBe("full");
});

test("a sheet that is pulled down closes; a full page goes back to a sheet first", () => {
  expect(after(false, 140)).toBe("close");
  expect(after(false, 30, 1)).toBe("close");
  expect(after(true, 20)).toBe("full");
  expect(after(true, 140)).toBe("sheet");
  expect(after(true, 30, 1)).toBe("sheet");
  expect(after(true, 500)).toBe("close");
});
