import { expect, it } from "vitest";
import { PlaybackBuffer } from "./playbackBuffer";

function pulled(buffer: PlaybackBuffer, samples: number): number[] {
  const out = new Float32Array(samples);
  buffer.pull(out);
  return [...out];
}

it("waits until enough is there, then plays without a gap", () => {
  const buffer = new PlaybackBuffer(4);
  buffer.push(Float32Array.of(1, 2));
  expect(pulled(buffer, 2)).toEqual([0, 0]);
  buffer.push(Float32Array.of(3, 4, 5));
  expect(pulled(buffer, 2)).toEqual([1, 2]);
  expect(pulled(buffer, 2)).toEqual([3, 4]);
});

it("plays a sound that is shorter than the wait", () => {
  const buffer = new PlaybackBuffer(4);
  buffer.push(Float32Array.of(1));
  expect(pulled(buffer, 2)).toEqual([0, 0]);
  expect(pulled(buffer, 2)).toEqual([1, 0]);
});

it("waits anew after it ran dry", () => {
  const buffer = new PlaybackBuffer(2);
  buffer.push(Float32Array.of(1, 2));
  expect(pulled(buffer, 3)).toEqual([1, 2, 0]);
  buffer.push(Float32Array.of(3));
  expect(pulled(buffer, 1)).toEqual([0]);
});

it("forgets what was not played when it is cleared", () => {
  const buffer = new PlaybackBuffer(1);
  buffer.push(Float32Array.of(1, 2, 3));
  expect(pulled(buffer, 1)).toEqual([1]);
  buffer.clear();
  expect(pulled(buffer, 2)).toEqual([0, 0]);
});

it("leaves out what is old when more waits than may", () => {
  const buffer = new PlaybackBuffer(2, 5);
  for (const sample of [1, 3, 5]) buffer.push(Float32Array.of(sample, sample + 1));
  expect(pulled(buffer, 2)).toEqual([5, 6]);
  buffer.push(Float32Array.of(7, 8));
  expect(pulled(buffer, 2)).toEqual([7, 8]);
});
