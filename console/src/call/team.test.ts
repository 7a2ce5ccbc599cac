import { expect, it } from "vitest";
import { asTeam, spokenName } from "./team";

it("reads a team, with empty text where something is missing", () => {
  const team = asTeam({ name: "travel", agents: [{ name: "front_desk", examples: ["hello", 3] }] });
  expect(team).toEqual({
    name: "travel",
    title: "",
    emulated: false,
    phoneNumber: "",
    agents: [{ name: "front_desk", description: "", voice: "", examples: ["hello"] }],
  });
});

it.each([null, [], "team", { agents: "none" }])("refuses %j", (body) => {
  expect(() => asTeam(body)).toThrow("not a team");
});

it("reads names aloud", () => {
  expect(spokenName("hotel_booking")).toBe("Hotel booking");
});
