import { expect, it } from "vitest";
import {
  type HoldAction,
  holderAfter,
  type Holder,
  isHeard,
  microphoneNotice,
  microphoneWords,
  parseMode,
} from "./speaking";

const after = (...actions: HoldAction[]) => actions.reduce<Holder | null>(holderAfter, null);
const press = (by: Holder): HoldAction => ({ type: "press", by });
const release = (by: Holder): HoldAction => ({ type: "release", by });

it("hears an open microphone unless it is muted, and with push-to-talk only who holds", () => {
  expect(isHeard("open", { muted: false, held: false })).toBe(true);
  expect(isHeard("open", { muted: true, held: false })).toBe(false);
  expect(isHeard("hold", { muted: false, held: false })).toBe(false);
  expect(isHeard("hold", { muted: false, held: true })).toBe(true);
  expect(isHeard("hold", { muted: true, held: true })).toBe(true);
});

it("is held until the one who pressed lets go", () => {
  expect(after(press("pointer"))).toBe("pointer");
  expect(after(press("pointer"), release("pointer"))).toBeNull();
  expect(after(press("key"), press("pointer"), release("pointer"))).toBe("key");
  expect(after(press("key"), press("pointer"), release("key"))).toBeNull();
});

it("is switched on and off by clicks without a pointer", () => {
  expect(after(press("click"))).toBe("click");
  expect(after(press("click"), press("click"))).toBeNull();
});

it("is let go of by all when the page is left", () => {
  for (const by of ["pointer", "key", "click"] as const) {
    expect(after(press(by), { type: "drop" })).toBeNull();
  }
  expect(after(press("key"), { type: "drop" }, release("key"))).toBeNull();
});

it("knows a stored mode, and opens the microphone where it does not", () => {
  expect(parseMode("hold")).toBe("hold");
  for (const other of ["", "open", "HOLD"]) expect(parseMode(other)).toBe("open");
});

it("says what became of the microphone, the worst first", () => {
  expect(microphoneNotice(null, "")).toBe("");
  expect(microphoneNotice(null, "Headset")).toContain("“Headset” isn’t connected");
  expect(microphoneNotice("replaced", "Headset")).toContain("“Headset” isn’t connected");
  expect(microphoneNotice("replaced", "")).toContain("chose another");
  expect(microphoneNotice("silent", "Headset")).toContain("there is no other");
  expect(microphoneNotice("unopened", "")).toContain("can’t be opened");
});

it("says whether one is heard", () => {
  expect(microphoneWords("open", { muted: false, held: false })).toBe("");
  expect(microphoneWords("open", { muted: true, held: false })).toBe("You are muted");
  expect(microphoneWords("hold", { muted: false, held: false })).toBe("Your microphone is off");
  expect(microphoneWords("hold", { muted: true, held: true })).toBe("You are heard");
});
