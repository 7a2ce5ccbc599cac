/**
 * The microphone of a call and, over WebRTC, the sound of the agent.
 *
 * The transports ask a media manager for these. The ones that ship with them load code from a
 * CDN when a call starts, or read raw samples even where WebRTC needs none.
 */
import type { PipecatClientOptions, Tracks } from "@pipecat-ai/client-js";
import type { WavMediaManager } from "@pipecat-ai/websocket-transport";
import { LevelTap } from "./level";

/** All that a transport may ask of a media manager (its base class isn't exported). */
type MediaManager = Pick<WavMediaManager, keyof WavMediaManager>;

const CONSTRAINTS: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};

export class CallMedia implements MediaManager {
  readonly supportsScreenShare = false;
  readonly isCamEnabled = false;
  readonly isSharingScreen = false;
  readonly selectedCam = {};
  readonly selectedSpeaker = {};

  protected onUserAudio: (pcm: ArrayBuffer) => void = () => undefined;

  #context: AudioContext | null = null;
  #track: MediaStreamTrack | null = null;
  #lent: MediaStreamTrack[] = [];
  #micEnabled = true;
  #own: LevelTap | null = null;
  #remote: LevelTap | null = null;
  #player: HTMLAudioElement | null = null;

  /**
   * @param useMicrophone Without one the caller only types: the call then carries silence.
   * @param options `sampleRate` of the audio graph in Hz, the device's own where it is left out;
   *   the id of the `microphone`, else the browser chooses.
   */
  constructor(
    private readonly useMicrophone: boolean,
    private readonly options: { sampleRate?: number; microphone?: string } = {},
  ) {}

  /** Opens the microphone; throws what `getUserMedia` throws. Does nothing when it is open. */
  async initialize(): Promise<void> {
    if (this.#context) return;
    const { sampleRate, microphone } = this.options;
    const rate = sampleRate ? { sampleRate } : {};
    const context = new AudioContext({ latencyHint: "interactive", ...rate });
    try {
      this.#track = this.useMicrophone ? await openMicrophone(microphone) : silentTrack(context);
    } catch (error) {
      await context.close();
      throw error;
    }
    this.#context = context;
    // Calls start with a click, after which browsers let a page make sound.
    void context.resume();
    const source = context.createMediaStreamSource(new MediaStream([this.#track]));
    this.#own = new LevelTap(source);
    await this.wire(context, source);
  }

  /** Adds to the audio graph of a call; `source` is the microphone. */
  protected async wire(_context: AudioContext, _source: AudioNode): Promise<void> {}

  async connect(): Promise<void> {
    await this.initialize();
  }

  /** Closes the microphone and falls silent. */
  async disconnect(): Promise<void> {
    this.#lent.forEach((track) => track.stop());
    this.#lent = [];
    this.#track?.stop();
    this.#track = null;
    this.#player?.pause();
    this.#player = null;
    this.#own = null;
    this.#remote = null;
    const context = this.#context;
    this.#context = null;
    await context?.close();
  }

  /** Plays the agent's track and measures it. */
  playRemote(track: MediaStreamTrack): void {
    if (!this.#context) return;
    const stream = new MediaStream([track]);
    this.#player ??= new Audio();
    this.#player.srcObject = stream;
    void this.#player.play();
    this.measureRemote(this.#context.createMediaStreamSource(stream));
  }

  /** The caller's and the agent's level now, from 0 to 1. */
  levels(): { own: number; remote: number } {
    return {
      own: this.#micEnabled ? (this.#own?.read() ?? 0) : 0,
      remote: this.#remote?.read() ?? 0,
    };
  }

  protected measureRemote(node: AudioNode): void {
    this.#remote = new LevelTap(node);
  }

  // What the transports call.

  setUserAudioCallback(callback: (pcm: ArrayBuffer) => void): void {
    this.onUserAudio = callback;
  }

  setClientOptions(options: PipecatClientOptions): void {
    this.#micEnabled = options.enableMic ?? true;
  }

  /**
   * The WebRTC transport stops the tracks of a connection that it replaces, so each one that it
   * is given is a copy of its own.
   */
  tracks(): Tracks {
    if (!this.#track) return { local: {} };
    const copy = this.#track.clone();
    copy.enabled = this.#micEnabled;
    this.#lent.push(copy);
    return { local: { audio: copy } };
  }

  async enableMic(enable: boolean): Promise<void> {
    this.#micEnabled = enable;
    for (const track of [this.#track, ...this.#lent]) if (track) track.enabled = enable;
  }

  get isMicEnabled(): boolean {
    return this.#micEnabled;
  }

  bufferBotAudio(samples: ArrayBuffer | Int16Array): Int16Array {
    return samples instanceof Int16Array ? samples : new Int16Array(samples);
  }

  async userStartedSpeaking(): Promise<void> {}

  async getAllMics(): Promise<MediaDeviceInfo[]> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "audioinput");
  }

  async getAllCams(): Promise<MediaDeviceInfo[]> {
    return [];
  }

  async getAllSpeakers(): Promise<MediaDeviceInfo[]> {
    return [];
  }

  get selectedMic(): Record<string, never> {
    return {};
  }

  async updateMic(): Promise<void> {}
  updateCam(): void {}
  updateSpeaker(): void {}
  enableCam(): void {}
  enableScreenShare(): void {}
}

async function openMicrophone(id = ""): Promise<MediaStreamTrack> {
  // Browsers hide `mediaDevices` on pages that are neither https nor localhost.
  if (!("mediaDevices" in navigator)) {
    throw new DOMException("no secure context", "NotSupportedError");
  }
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { ...CONSTRAINTS, ...(id && { deviceId: { exact: id } }) },
  });
  const [track] = stream.getAudioTracks();
  if (!track) throw new DOMException("no audio track", "NotFoundError");
  return track;
}

function silentTrack(context: AudioContext): MediaStreamTrack {
  const [track] = context.createMediaStreamDestination().stream.getAudioTracks();
  if (!track) throw new DOMException("no audio track", "NotFoundError");
  return track;
}
