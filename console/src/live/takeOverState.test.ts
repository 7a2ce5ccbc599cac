import { expect, it } from "vitest";
import { trouble } from "../call/trouble";
import {
  notTakenOver,
  overWords,
  type TakeOverAction,
  takeOverReducer,
  takeOverWords,
} from "./takeOverState";

const after = (...actions: TakeOverAction[]) => actions.reduce(takeOverReducer, notTakenOver);
const start: TakeOverAction = { type: "start" };
const live: TakeOverAction = { type: "live", route: "webrtc" };

it("says in words how far a take-over is", () => {
  expect(takeOverWords(notTakenOver)).toBe("");
  expect(takeOverWords(after(start))).toContain("the agent goes on");
  expect(takeOverWords(after(start, live))).toBe("You are speaking with the caller");
  expect(takeOverWords(after(start, { type: "live", route: "websocket" }))).toContain("WebSocket");
  expect(takeOverWords(after(start, live, { type: "muted", muted: true }))).toContain("hears nobody");
  expect(takeOverWords(after(start, live, { type: "return" }))).toContain("Handing back");
});

it("says why it did not come about, or ended", () => {
  const taken = trouble("taken");
  expect(after(start, { type: "closed", end: taken }).outcome).toBe(taken.title);
  expect(after(start, live, { type: "closed", end: trouble("cut") }).outcome).toContain("was lost");
  expect(after(start, live, { type: "closed", end: "service" }).outcome).toContain("no longer");
  expect(after(start, live, { type: "return" }, { type: "closed", end: "service" }).outcome).toBe("");
  expect(after(start, live, { type: "closed", end: "caller" })).toEqual(notTakenOver);
  expect(after(start, live, { type: "closed", end: "service" }).cutOff).toBe(true);
});

it("goes on when handing back is refused", () => {
  const state = after(start, live, { type: "return" }, { type: "refused", why: "No" });
  expect(state).toMatchObject({ stage: "speaking", outcome: "No" });
});

it("says that the operator's microphone was taken away", () => {
  const state = after(start, live, { type: "microphone", fault: "silent" });
  expect(state).toMatchObject({ stage: "speaking" });
  expect(state.outcome).toContain("there is no other");
});

it("tells a caller who hung up from another end", () => {
  expect(overWords("caller")).toContain("The caller hung up");
  expect(overWords("limit")).toContain("The call ended");
});
