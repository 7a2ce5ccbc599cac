/** The microphone and the agent's sound as PCM16 samples, for the WebSocket transport. */
import { CallMedia, type SoundOptions } from "./callMedia";
import workletUrl from "./pcm.worklet.ts?worker&url";

/** In both directions, in Hz: what the service and the model speak. */
export const STREAM_RATE = 24_000;

export class StreamedMedia extends CallMedia {
  #playback: AudioWorkletNode | null = null;

  constructor(useMicrophone: boolean, devices: Omit<SoundOptions, "sampleRate"> = {}) {
    super(useMicrophone, { ...devices, sampleRate: STREAM_RATE });
  }

  protected override async wire(context: AudioContext, input: AudioNode): Promise<void> {
    await context.audioWorklet.addModule(workletUrl);
    const capture = new AudioWorkletNode(context, "pcm-capture", { numberOfOutputs: 0 });
    capture.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.onUserAudio(data);
    input.connect(capture);
    this.#playback = new AudioWorkletNode(context, "pcm-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    this.#playback.connect(context.destination);
    this.measureRemote(this.#playback);
  }

  override async disconnect(): Promise<void> {
    this.#playback?.disconnect();
    this.#playback = null;
    await super.disconnect();
  }

  override bufferBotAudio(data: ArrayBuffer | Int16Array): Int16Array {
    const samples = super.bufferBotAudio(data);
    this.#playback?.port.postMessage(samples);
    return samples;
  }

  /** Drops what the agent said and the caller has not heard yet. */
  override async userStartedSpeaking(): Promise<void> {
    this.#playback?.port.postMessage(null);
  }
}
