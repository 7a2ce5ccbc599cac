/**
 * Evens out the arrival of audio over a WebSocket: chunks come in bunches, sound must not.
 *
 * Starts to play once `primeSamples` wait, or once the first of them has waited for as long.
 * When it runs dry it falls silent and primes again. Where more than
 * `maxSamples` wait, the oldest are dropped: after a stall one wants to hear what is said now.
 */
export class PlaybackBuffer {
  readonly #primeSamples: number;
  readonly #maxSamples: number;
  #chunks: Float32Array[] = [];
  #offset = 0;
  #waiting = 0;
  #playing = false;
  #patience = 0;

  constructor(primeSamples: number, maxSamples = Infinity) {
    this.#primeSamples = primeSamples;
    this.#maxSamples = maxSamples;
  }

  push(chunk: Float32Array): void {
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting > this.#maxSamples) this.#drop(this.#waiting - this.#primeSamples);
  }

  /** Drops what has not been played: the agent was interrupted. */
  clear(): void {
    this.#chunks = [];
    this.#offset = 0;
    this.#waiting = 0;
    this.#playing = false;
    this.#patience = 0;
  }

  /** Fills `out` with the next samples, silence where there are none. */
  pull(out: Float32Array): void {
    out.fill(0);
    if (!this.#playing && this.#waiting > 0) {
      this.#patience += out.length;
      this.#playing =
        this.#waiting >= this.#primeSamples || this.#patience >= this.#primeSamples;
    }
    if (!this.#playing) return;
    let filled = 0;
    for (let chunk = this.#chunks[0]; chunk && filled < out.length; chunk = this.#chunks[0]) {
      const part = chunk.subarray(this.#offset, this.#offset + out.length - filled);
      out.set(part, filled);
      filled += part.length;
      this.#offset += part.length;
      if (this.#offset === chunk.length) {
        this.#chunks.shift();
        this.#offset = 0;
      }
    }
    this.#waiting -= filled;
    if (this.#waiting === 0) this.clear();
  }

  /** Leaves out the oldest samples, as far as whole chunks go. */
  #drop(samples: number): void {
    for (let chunk = this.#chunks[0]; chunk && this.#chunks.length > 1; chunk = this.#chunks[0]) {
      const rest = chunk.length - this.#offset;
      if (rest > samples) return;
      samples -= rest;
      this.#waiting -= rest;
      this.#offset = 0;
      this.#chunks.shift();
    }
  }
}
