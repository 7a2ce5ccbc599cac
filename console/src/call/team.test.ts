import { expect, it } from "vitest";
import { asTeam, inVoice, spokenName, wishOf } from "./team";

it("reads a team, with empty text where something is missing", () => {
  const team = asTeam({ name: "travel", agents: [{ name: "front_desk", examples: ["hello", 3] }] });
  expect(team).toEqual({
    name: "travel",
    title: "",
    emulated: false,
    phoneNumber: "",
    voices: [],
    agents: [{ name: "front_desk", description: "", voice: "", examples: ["hello"] }],
  });
});

it.each([null, [], "team", { agents: "none" }])("refuses %j", (body) => {
  expect(() => asTeam(body)).toThrow("not a team");
});

it("asks for nothing that was left open", () => {
  expect(wishOf({ team: "", agent: "", voice: "" })).toEqual({});
  expect(wishOf({ team: "travel", agent: "", voice: "ash" })).toEqual({ team: "travel", voice: "ash" });
});

it("gives every agent the voice that was chosen, else leaves it its own", () => {
  const team = asTeam({ voices: ["ash"], agents: [{ name: "desk", voice: "marin" }, { name: "cook", voice: "cedar" }] });
  expect(inVoice(team, "ash").agents.map(({ voice }) => voice)).toEqual(["ash", "ash"]);
  expect(inVoice(team, "")).toBe(team);
});

it("reads names aloud", () => {
  expect(spokenName("hotel_booking")).toBe("Hotel booking");
});
