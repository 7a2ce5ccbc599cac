import { expect, it } from "vitest";
import type { CallSummary } from "../call/records";
import { renewed } from "./useHistory";

const call = (id: string, status = "completed") => ({ id, status }) as CallSummary;
const ids = ({ calls }: { calls: readonly CallSummary[] }) => calls.map(({ id }) => id);

it("keeps the older pages when the newest is read again", () => {
  const before = { query: "", calls: ["5", "4", "3", "2"].map((id) => call(id)), next: "after 2" };
  const now = renewed(before, { calls: [call("6"), call("5", "failed"), call("4")], next: "after 4" });
  expect(ids(now)).toEqual(["6", "5", "4", "3", "2"]);
  expect(now.calls[1]?.status).toBe("failed");
  expect(now.next).toBe("after 2");
});

it("begins anew where the newest page does not reach what was read, or is all there is", () => {
  const before = { query: "", calls: [call("1")], next: null };
  expect(ids(renewed(before, { calls: [call("9"), call("8")], next: "after 8" }))).toEqual(["9", "8"]);
  expect(ids(renewed(before, { calls: [call("9")], next: null }))).toEqual(["9"]);
});
