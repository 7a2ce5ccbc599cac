import { expect, it } from "vitest";
import { choiceOf, type Figures, numbersAddress, periodName, serviceQuery, statusesIn } from "./numbers";

it("keeps the choice in the address, and nothing that is no choice", () => {
  const choice = choiceOf(new URLSearchParams("range=26w&team=travel&x=1"));
  expect(choice).toEqual({ range: "26w", team: "travel", agent: "" });
  expect(numbersAddress(choice)).toBe("/numbers?range=26w&team=travel");
  expect(numbersAddress(choiceOf(new URLSearchParams("range=never")))).toBe("/numbers");
});

it("asks for whole days where the reader is, up to today", () => {
  const now = new Date("2026-11-21T12:30:00Z");
  const query = serviceQuery({ range: "7d", team: "", agent: "" }, "Pacific/Auckland", now);
  expect(Object.fromEntries(query)).toEqual({
    from: "2026-11-16",
    to: "2026-11-22",
    by: "day",
    time_zone: "Pacific/Auckland",
  });
});

it("names a period by the day that it is where the reader is", () => {
  expect(periodName("2026-11-20T11:00:00Z", "day", "Pacific/Auckland")).toContain("21");
  expect(periodName("2026-10-31T23:00:00Z", "month", "Europe/Berlin")).toContain("Nov");
});

it("puts the calls that went well first, then what happened most", () => {
  const statuses = { failed: 2, completed: 1, busy: 3 };
  expect(statusesIn({ statuses } as unknown as Figures)).toEqual(["completed", "busy", "failed"]);
});
