import { expect, it } from "vitest";
import { filtersOf, historyAddress, serviceQuery } from "./filters";

it("keeps filters in the address, and only those", () => {
  const query = new URLSearchParams("text=paris hotel&status=failed&team=&next=abc");
  expect(filtersOf(query)).toEqual({ text: "paris hotel", status: "failed" });
  expect(historyAddress({ text: "paris hotel", status: "failed" })).toBe(
    "/history?text=paris+hotel&status=failed",
  );
  expect(historyAddress({ text: " " })).toBe("/history");
});

it("asks for whole days, the last one included", () => {
  const query = serviceQuery({ since: "2026-11-20", until: "2026-11-21" });
  const [since, until] = [query.get("since") ?? "", query.get("until") ?? ""];
  expect(Date.parse(until) - Date.parse(since)).toBe(2 * 24 * 60 * 60 * 1000);
  expect(new Date(since).getHours()).toBe(0);
});

it("leaves out what the service would refuse: days that are none, text without a word", () => {
  expect(serviceQuery({ since: "yesterday", text: "…" }).toString()).toBe("");
  expect(serviceQuery({ from: "+14155550123" }).get("from")).toBe("+14155550123");
});
