import { expect, it } from "vitest";
import { loudness } from "./level";

it("reads silence as 0, loud speech as 1, and quiet speech between", () => {
  expect(loudness(new Float32Array(64))).toBe(0);
  expect(loudness(new Float32Array(64).fill(0.5))).toBe(1);
  const quiet = loudness(new Float32Array(64).fill(0.02));
  expect(quiet).toBeGreaterThan(0.3);
  expect(quiet).toBeLessThan(0.7);
});
