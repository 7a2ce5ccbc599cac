import { expect, it } from "vitest";
import type { Entry } from "./conversation";
import { columnsOf, type Peaks, spanAt, spansOf } from "./playback";

const began = Date.parse("2026-11-21T10:00:00Z");
const at = (seconds: number) => new Date(began + seconds * 1000).toISOString();

/** Loud in the stretches that are given, in seconds. */
function side(...loud: [from: number, to: number][]): number[] {
  return Array.from({ length: 300 }, (_, index) => (loud.some(([from, to]) => index >= from * 10 && index < to * 10) ? 60 : 1));
}

const peaks: Peaks = {
  duration_s: 30,
  per_s: 10,
  // A breath of half a second in the middle of what the agent says.
  agent: side([1, 3], [3.5, 5], [12, 16]),
  caller: side([7, 9]),
};
const line = { final: true, text: "words", said: 5 };
const entries = [
  { kind: "agent", key: "a1", at: at(5.2), agent: "desk", interrupted: false, ...line },
  { kind: "caller", key: "u1", at: at(7), silentAt: at(9.4), itemId: "u1", ...line },
  { kind: "tool", key: "t1", at: at(10) },
  { kind: "agent", key: "a2", at: at(16.1), agent: "desk", interrupted: false, ...line },
] as unknown as Entry[];

it("finds where each line begins: an agent's in the audio, from the end that is known", () => {
  const spans = spansOf(entries, began, peaks);
  expect(spans.map(({ key }) => key)).toEqual(["a1", "u1", "a2"]);
  expect(spans[0]?.from).toBeCloseTo(1, 0);
  expect(spans[1]).toMatchObject({ from: 7, to: 9.4 });
  expect(spans[2]?.from).toBeCloseTo(12, 0);
});

it("finds an operator's words where the agent's are, and no others of either", () => {
  const operator = { kind: "operator", key: "o1", at: at(11), by: "desk", ...line };
  const [first, caller, , last] = entries;
  const heard = { ...peaks, agent: side([1, 5], [9.5, 10.5], [12, 16]) };
  const spans = spansOf([first, caller, operator, last] as Entry[], began, heard);
  expect(spans.map(({ key }) => key)).toEqual(["a1", "u1", "o1", "a2"]);
  expect(spans[2]?.from).toBeCloseTo(9.5, 0);
  expect(spans[3]?.from).toBeCloseTo(12, 0);
});

it("finds them at the same places when the call was followed, and their texts came before their voices", () => {
  const followed = entries.map((entry) => (entry.kind === "agent" ? { ...entry, at: at(0.5), endedAt: entry.at } : entry));
  expect(spansOf(followed, began, peaks)).toEqual(spansOf(entries, began, peaks));
});

it("knows which line is heard, also in the pauses", () => {
  const spans = spansOf(entries, began, peaks);
  expect([0, 4, 8, 11, 14].map((seconds) => spanAt(spans, seconds)?.key)).toEqual([undefined, "a1", "u1", "u1", "a2"]);
});

it("leaves out what was said before the recording began", () => {
  expect(spansOf(entries, began + 6000, peaks).map(({ key }) => key)).toEqual(["u1", "a2"]);
});

it("keeps the loudest of what falls into a column", () => {
  expect(columnsOf([1, 9, 2, 3], 2)).toEqual([9, 3]);
  expect(columnsOf([5], 3)).toEqual([5, 5, 5]);
});
