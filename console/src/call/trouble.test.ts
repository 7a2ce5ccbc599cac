import { expect, it } from "vitest";
import { canTypeInstead, isOrderlyClose, microphoneTrouble, offerTrouble, socketTrouble, transportTrouble } from "./trouble";

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

it("tells a socket that was closed in order from one that broke or was full", () => {
  const closed = (code: number) => ({ message: `websocket connection closed. Code: ${code}` });
  expect([1000, 1001, 1006, 1013].map((code) => isOrderlyClose(closed(code)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(socketTrouble(closed(1013)).kind).toBe("busy");
  expect(socketTrouble(undefined).kind).toBe("unreachable");
});
