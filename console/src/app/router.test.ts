import { expect, it } from "vitest";
import { agentAddress, routeOf, signInAddress, talkAddress } from "./router";

it("tells the pages apart", () => {
  expect(routeOf("/").page).toBe("talk");
  expect(routeOf("/live")).toEqual({ page: "live" });
  expect(routeOf("/live/call_1")).toEqual({ page: "call", from: "live", callId: "call_1" });
  expect(routeOf("/history/call_1")).toEqual({ page: "call", from: "history", callId: "call_1" });
  expect(routeOf("/live/call_1/more").page).toBe("nowhere");
  expect(routeOf("/agents")).toEqual({ page: "agents", team: "", agent: "" });
  expect(routeOf("/agents/travel/desk/more").page).toBe("nowhere");
  expect(routeOf("/elsewhere").page).toBe("nowhere");
});

it("keeps the filters of the history in its address", () => {
  const route = routeOf("/history?status=failed&status=busy&text=paris");
  expect(route.page === "history" && route.query.getAll("status")).toEqual(["failed", "busy"]);
});

it("finds the agents and calls that its addresses name", () => {
  const names = { team: "travel", agent: "front desk" };
  expect(routeOf(agentAddress("travel", "front desk"))).toEqual({ page: "agents", ...names });
  expect(routeOf(talkAddress(names))).toEqual({ page: "talk", ...names });
});

it("leads back after signing in, and never to another site", () => {
  const address = signInAddress("/live/call_1?x=1");
  expect(routeOf(address)).toEqual({ page: "sign-in", back: "/live/call_1?x=1" });
  expect(signInAddress(address)).toBe(address);
  for (const back of ["//evil.example", "/\\evil.example", "https://evil.example"]) {
    const route = routeOf(`/sign-in?back=${encodeURIComponent(back)}`);
    expect(route).toEqual({ page: "sign-in", back: "/live" });
  }
});
