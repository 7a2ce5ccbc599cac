import { expect, it } from "vitest";
import { byOf, choiceOf, type Figures, mistakeInDays, numbersAddress, periodName, serviceQuery, statusesIn } from "./numbers";

it("keeps the choice in the address, and nothing that is no choice", () => {
  const choice = choiceOf(new URLSearchParams("range=26w&team=travel&x=1"));
  expect(choice).toEqual({ range: "26w", from: "", to: "", team: "travel", agent: "" });
  expect(numbersAddress(choice)).toBe("/numbers?range=26w&team=travel");
  expect(numbersAddress(choiceOf(new URLSearchParams("range=never")))).toBe("/numbers");
});

it("asks for whole days where the reader is, up to today", () => {
  const now = new Date("2026-11-21T12:30:00Z");
  const query = serviceQuery(choiceOf(new URLSearchParams("range=7d")), "Pacific/Auckland", now);
  expect(Object.fromEntries(query)).toEqual({
    from: "2026-11-16",
    to: "2026-11-22",
    by: "day",
    time_zone: "Pacific/Auckland",
  });
});

it("keeps days of one's own in the address, and counts by what suits their number", () => {
  const choice = choiceOf(new URLSearchParams("from=2026-01-01&to=2026-04-02&agent=desk"));
  expect(numbersAddress(choice)).toBe("/numbers?from=2026-01-01&to=2026-04-02&agent=desk");
  const query = serviceQuery(choice, "UTC", new Date());
  expect([query.get("from"), query.get("to"), query.get("by")]).toEqual(["2026-01-01", "2026-04-02", "day"]);
  expect(byOf({ ...choice, to: "2026-04-03" })).toBe("week");
  expect(byOf({ ...choice, to: "2026-12-31" })).toBe("month");
});

it.each([
  ["", "2026-01-02", "first day is missing"],
  ["2026-01-02", "soon", "last day is missing"],
  ["2026-02-30", "2026-03-02", "first day is missing"],
  ["2026-01-03", "2026-01-02", "after the last"],
  ["0002-01-01", "2026-01-02", "before the year 2000"],
  ["2000-01-01", "2033-06-01", "More than 33 years"],
  ["2026-01-02", "2026-01-02", ""],
])("says what is wrong with the days from %s to %s", (from, to, words) => {
  expect(mistakeInDays({ from, to })).toContain(words);
  expect(mistakeInDays({ from, to }) === "").toBe(words === "");
});

it("names a period by the day that it is where the reader is", () => {
  expect(periodName("2026-11-20T11:00:00Z", "day", "Pacific/Auckland")).toContain("21");
  expect(periodName("2026-10-31T23:00:00Z", "month", "Europe/Berlin")).toContain("Nov");
});

it("puts the calls that went well first, then what happened most", () => {
  const statuses = { failed: 2, completed: 1, busy: 3 };
  expect(statusesIn({ statuses } as unknown as Figures)).toEqual(["completed", "busy", "failed"]);
});
