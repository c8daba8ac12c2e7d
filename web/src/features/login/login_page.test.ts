import { expect, it } from "vitest";
import { codeOf } from "./login_page";

it("takes a code by itself and out of the whole link", () => {
  expect(codeOf(" abc123 ")).toBe("abc123");
  expect(codeOf("http://127.0.0.1:7777/#login=abc123")).toBe("abc123");
});
