import { expect, it } from "vitest";
import { canTypeInstead, microphoneTrouble, offerTrouble, transportTrouble } from "./trouble";

it.each([
  ["NotAllowedError", "microphone-blocked"],
  ["NotFoundError", "microphone-missing"],
  ["NotReadableError", "microphone-busy"],
  ["NotSupportedError", "insecure-page"],
])("takes %s for %s, and offers to type", (name, kind) => {
  const found = microphoneTrouble(new DOMException("", name));
  expect(found.kind).toBe(kind);
  expect(canTypeInstead(found)).toBe(true);
});

it.each([
  [new Response(null, { status: 503 }), "busy"],
  [new Response(null, { status: 422 }), "refused"],
  [new TypeError("Failed to fetch"), "unreachable"],
])("reads the transport's cause %s as %s", (cause, kind) => {
  expect(transportTrouble(new Error("Unable to connect", { cause }))?.kind).toBe(kind);
});

it("finds no fault with the offer when only the media failed", () => {
  expect(transportTrouble(new Error("Unable to connect to transport"))).toBeNull();
  expect(offerTrouble(200)).toBeNull();
});
