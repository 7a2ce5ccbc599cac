import { expect, it } from "vitest";
import { inBrief, readable, summaryOf } from "./toolText";

it("puts arguments on one line", () => {
  expect(inBrief({ check_in: "2027-06-03", guests: 2 })).toBe("check in 2027-06-03 · guests 2");
  expect(inBrief({})).toBe("no arguments");
});

it("lets a result say itself, unless it is an error", () => {
  const output = JSON.stringify({ rows: [], summary: "Nothing is free." });
  expect(summaryOf(output, false)).toBe("Nothing is free.");
  expect(summaryOf("no such\n hotel", true)).toBe("no such hotel");
  expect(summaryOf("", false)).toBe("empty result");
});

it("breaks JSON into lines and leaves other text alone", () => {
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readable("plain")).toBe("plain");
});
