/** Runs on the audio thread: samples to PCM16 for the WebSocket, and PCM16 back to samples. */
import { PlaybackBuffer } from "./playbackBuffer";

const CHUNK_S = 0.02;
const PRIME_S = 0.08;

/** Posts the caller's audio as PCM16 buffers of 20 ms. */
class PcmCapture extends AudioWorkletProcessor {
  #chunk = new Int16Array(Math.round(sampleRate * CHUNK_S));
  #filled = 0;

  override process(inputs: Float32Array[][]): boolean {
    for (const sample of inputs[0]?.[0] ?? []) {
      this.#chunk[this.#filled++] = Math.max(-1, Math.min(1, sample)) * 0x7fff;
      if (this.#filled === this.#chunk.length) {
        const full = this.#chunk.buffer;
        this.#chunk = new Int16Array(this.#chunk.length);
        this.#filled = 0;
        this.port.postMessage(full, [full]);
      }
    }
    return true;
  }
}

/** Plays the PCM16 that is posted to it; `null` drops what has not been played. */
class PcmPlayback extends AudioWorkletProcessor {
  readonly #buffer: PlaybackBuffer;

  constructor(options: { processorOptions?: { maxWaitingS?: number } }) {
    super();
    const maxWaitingS = options.processorOptions?.maxWaitingS ?? Infinity;
    this.#buffer = new PlaybackBuffer(
      Math.round(sampleRate * PRIME_S),
      Math.round(sampleRate * maxWaitingS),
    );
    this.port.onmessage = ({ data }: MessageEvent<Int16Array | null>) => {
      if (data === null) this.#buffer.clear();
      else this.#buffer.push(Float32Array.from(data, (sample) => sample / 0x8000));
    };
  }

  override process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0]?.[0];
    if (out) this.#buffer.pull(out);
    return true;
  }
}

registerProcessor("pcm-capture", PcmCapture);
registerProcessor("pcm-playback", PcmPlayback);
