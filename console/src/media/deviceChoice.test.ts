import { expect, it } from "vitest";
import { BROWSERS_CHOICE, inUse, namedDevices, parseChoice } from "./deviceChoice";

const input = (deviceId: string, label: string) => ({ kind: "audioinput" as const, deviceId, label });
const output = (deviceId: string, label: string) => ({ kind: "audiooutput" as const, deviceId, label });
const HEADSET = { id: "h1", label: "Headset" };
const DESK = { id: "d1", label: "Desk microphone" };

it("knows of no devices while the browser hides their names", () => {
  expect(namedDevices([input("", ""), output("", "")], "audioinput")).toBeNull();
  expect(namedDevices([], "audioinput")).toBeNull();
  // A camera's name says nothing about microphones.
  const camera = { kind: "videoinput" as const, deviceId: "c1", label: "Camera" };
  expect(namedDevices([camera, input("", "")], "audioinput")).toBeNull();
});

it("lists the devices of a kind once, without the system's aliases", () => {
  const all = [input("default", "Default - Headset"), input("h1", "Headset"), output("s1", "Speakers")];
  expect(namedDevices(all, "audioinput")).toEqual([HEADSET]);
  expect(namedDevices(all, "audiooutput")).toEqual([{ id: "s1", label: "Speakers" }]);
  expect(namedDevices([output("s1", "Speakers")], "audioinput")).toEqual([]);
});

it("uses the chosen device while it is connected, and else says which one is missing", () => {
  expect(inUse(HEADSET, [DESK, HEADSET])).toEqual({ id: "h1", missing: "" });
  expect(inUse(HEADSET, [DESK])).toEqual({ id: "", missing: "Headset" });
  expect(inUse(BROWSERS_CHOICE, [DESK])).toEqual({ id: "", missing: "" });
});

it("tries the chosen device where the browser does not tell yet", () => {
  expect(inUse(HEADSET, null)).toEqual({ id: "h1", missing: "" });
});

it("finds a device by its name where the browser gave it another id", () => {
  expect(inUse({ id: "old", label: "Headset" }, [DESK, HEADSET])).toEqual({ id: "h1", missing: "" });
});

it("reads a stored choice, and leaves it to the browser where it can't", () => {
  expect(parseChoice(JSON.stringify(HEADSET))).toEqual(HEADSET);
  for (const broken of ["", "headset", "null", '{"id":7,"label":"x"}']) {
    expect(parseChoice(broken)).toEqual(BROWSERS_CHOICE);
  }
});
