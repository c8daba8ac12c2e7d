import { expect, it } from "vitest";
import { modelName } from "./model_name";

it("says a model's name as people do, and leaves alone what it does not know", () => {
  expect(modelName("claude-opus-4-8[1m]")).toBe("Opus 4.8, 1M");
  expect(modelName("claude-sonnet-4-5-20250929")).toBe("Sonnet 4.5");
  expect(modelName("claude-haiku-5")).toBe("Haiku 5");
  expect(modelName("gpt-x")).toBe("gpt-x");
});
