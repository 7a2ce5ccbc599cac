import { expect, it } from "vitest";
import { duration, hours, moment, money, otherSide, reasonWords, seconds } from "./wording";

it("names the other side of a call", () => {
  const call = { channel: "phone", from_number: "+1", to_number: "+2" };
  expect(otherSide({ ...call, direction: "inbound" })).toBe("+1");
  expect(otherSide({ ...call, direction: "outbound" })).toBe("+2");
  expect(otherSide({ ...call, direction: "inbound", from_number: null })).toBe("Number withheld");
  expect(otherSide({ ...call, direction: "inbound", from_number: null, channel: "webrtc" })).toBe("Browser");
});

it("writes money and times so that nothing stands for what is not known", () => {
  expect([null, 0, 0.004, 0.256, 12].map(money)).toEqual(["", "$0.00", "<$0.01", "$0.26", "$12.00"]);
  expect(money(12345.6)).toBe("$12,345.60");
  expect([null, 640].map(seconds)).toEqual(["", "0.6 s"]);
  expect([84.2, 999.4, 999.6, 1320].map(duration)).toEqual(["84 ms", "999 ms", "1.0 s", "1.3 s"]);
  expect([90, 7140, 133_200].map(hours)).toEqual(["2 min", "119 min", "37 h"]);
});

it("says when, with the day and the year only where they differ from now", () => {
  const now = new Date(2026, 10, 21, 15);
  const written = [new Date(2026, 10, 21, 9), new Date(2026, 10, 20, 9), new Date(2025, 0, 2, 9)].map(
    (at) => moment(at.toISOString(), now),
  );
  expect(written[0]).not.toMatch(/21/);
  expect(written[1]).toMatch(/20/);
  expect(written[1]).not.toMatch(/2026/);
  expect(written[2]).toMatch(/2025/);
  expect(moment("nonsense")).toBe("");
});

it("says why a call ended, also where the reason is new", () => {
  expect(reasonWords("operator")).toBe("An operator ended it");
  expect(reasonWords("out_of_money")).toBe("Out of money");
  expect(reasonWords(null)).toBe("");
});
