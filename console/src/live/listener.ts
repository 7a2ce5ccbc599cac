/** Hears a live call: levels of both sides all the time, their sound when it is wanted. */
import { LevelTap, loudness } from "../media/level";
import workletUrl from "../media/pcm.worklet.ts?worker&url";

const RETRY_MS = 2000;
/** Where the two sides are heard: a little apart, so that one tells who speaks. */
const PLACES = { caller: -0.35, agent: 0.35 };
/** More than this waits only after a stall: what is older is dropped, to hear what is said now. */
const MAX_WAITING_S = 1;

type Side = "caller" | "agent";
const SIDES: readonly Side[] = ["caller", "agent"];

interface Voice {
  node: AudioWorkletNode;
  tap: LevelTap;
}

export class CallListener {
  readonly #url: string;
  #socket: WebSocket | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #sampleRate = 0;
  #arrived: Record<Side, number> = { caller: 0, agent: 0 };
  #context: AudioContext | null = null;
  #voices: Record<Side, Voice> | null = null;

  constructor(callId: string) {
    const url = new URL(`/api/calls/${encodeURIComponent(callId)}/listen`, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url.href;
    this.#open();
  }

  /** Plays what is heard from now on; to be called from a click. Throws where sound can't be. */
  async play(): Promise<void> {
    if (this.#context || this.#sampleRate === 0) return;
    const context = new AudioContext({ sampleRate: this.#sampleRate });
    this.#context = context;
    await context.audioWorklet.addModule(workletUrl);
    if (this.#context !== context) return;
    const voice = (side: Side): Voice => {
      const node = new AudioWorkletNode(context, "pcm-playback", {
        numberOfInputs: 0,
        outputChannelCount: [1],
        processorOptions: { maxWaitingS: MAX_WAITING_S },
      });
      const place = new StereoPannerNode(context, { pan: PLACES[side] });
      node.connect(place).connect(context.destination);
      return { node, tap: new LevelTap(node) };
    };
    this.#voices = { caller: voice("caller"), agent: voice("agent") };
  }

  async silence(): Promise<void> {
    const context = this.#context;
    this.#context = null;
    this.#voices = null;
    await context?.close();
  }

  /** The caller's and the agent's loudness, 0 to 1: as it is played, or as it arrives. */
  levels(): { own: number; remote: number } {
    const voices = this.#voices;
    if (voices) return { own: voices.caller.tap.read(), remote: voices.agent.tap.read() };
    return { own: this.#arrived.caller, remote: this.#arrived.agent };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
    void this.silence();
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") this.#describe(data);
      else this.#hear(new Int16Array(data));
    };
    socket.onclose = ({ code }) => {
      this.#arrived = { caller: 0, agent: 0 };
      // 1000: the call is over. Else it is not connected yet, or the network broke.
      if (!this.#closed && code !== 1000) this.#retry = setTimeout(() => this.#open(), RETRY_MS);
    };
  }

  #describe(text: string): void {
    const { sample_rate } = JSON.parse(text) as { sample_rate?: number };
    if (!sample_rate) return;
    // A call that came back may speak at another rate.
    if (this.#sampleRate && this.#sampleRate !== sample_rate) void this.silence();
    this.#sampleRate = sample_rate;
  }

  #hear(interleaved: Int16Array): void {
    for (const [channel, side] of SIDES.entries()) {
      const samples = new Int16Array(interleaved.length / 2);
      for (let at = 0; at < samples.length; at++) samples[at] = interleaved[2 * at + channel] ?? 0;
      this.#arrived[side] = loudness(Float32Array.from(samples, (sample) => sample / 0x8000));
      this.#voices?.[side].node.port.postMessage(samples);
    }
  }
}
