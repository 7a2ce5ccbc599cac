/**
 * The microphone of a call and, over WebRTC, the sound of the agent.
 *
 * The transports ask a media manager for these. The ones that ship with them load code from a
 * CDN when a call starts, or read raw samples even where WebRTC needs none.
 */
import type { PipecatClientOptions, Tracks } from "@pipecat-ai/client-js";
import type { WavMediaManager } from "@pipecat-ai/websocket-transport";
import { LevelTap } from "./level";
import { type Opened, openMicrophone } from "./openMicrophone";

/** All that a transport may ask of a media manager (its base class isn't exported). */
type MediaManager = Pick<WavMediaManager, keyof WavMediaManager>;

/** What becomes of a microphone that was taken away during a call. */
export type Lost = "replaced" | "silent";

export interface SoundOptions {
  /** Of the audio graph in Hz, the device's own where it is left out. */
  sampleRate?: number;
  /** The ids of devices; the browser chooses where one is left out or empty. */
  microphone?: string;
  speaker?: string;
}

export class CallMedia implements MediaManager {
  readonly supportsScreenShare = false;
  readonly isCamEnabled = false;
  readonly isSharingScreen = false;
  readonly selectedCam = {};
  readonly selectedSpeaker = {};

  protected onUserAudio: (pcm: ArrayBuffer) => void = () => undefined;

  /** Sends another microphone's track where the one before went; the transport's matter. */
  onReplaced: (track: MediaStreamTrack) => Promise<void> = async () => undefined;
  /** The microphone was taken away: another is used, or the call goes on in silence. */
  onLost: (what: Lost) => void = () => undefined;

  #context: AudioContext | null = null;
  /** Where each microphone's sound comes into the audio graph. */
  #input: GainNode | null = null;
  #source: AudioNode | null = null;
  #microphone: string;
  #wanted: string;
  #speaker: string;
  #track: MediaStreamTrack | null = null;
  #lent: MediaStreamTrack[] = [];
  #micEnabled = true;
  #own: LevelTap | null = null;
  #remote: LevelTap | null = null;
  #player: HTMLAudioElement | null = null;

  /** @param useMicrophone Without one the caller only types: the call then carries silence. */
  constructor(
    private readonly useMicrophone: boolean,
    private readonly options: SoundOptions = {},
  ) {
    this.#microphone = this.#wanted = options.microphone ?? "";
    this.#speaker = options.speaker ?? "";
  }

  /** Opens the microphone; throws what `getUserMedia` throws. Does nothing when it is open. */
  async initialize(): Promise<void> {
    if (this.#context) return;
    const { sampleRate } = this.options;
    const rate = sampleRate ? { sampleRate } : {};
    const context = new AudioContext({ latencyHint: "interactive", ...rate });
    let opened: Opened;
    try {
      opened = this.useMicrophone
        ? await openMicrophone(this.#microphone)
        : { track: silentTrack(context), id: "" };
    } catch (error) {
      await context.close();
      throw error;
    }
    this.#context = context;
    // Calls start with a click, after which browsers let a page make sound.
    void context.resume();
    this.#input = context.createGain();
    this.#own = new LevelTap(this.#input);
    this.#speakInto(context, opened);
    await this.wire(context, this.#input);
    if (this.#speaker) void toSpeaker(context, this.#speaker);
  }

  /** Adds to the audio graph of a call; what the microphone hears comes out of `input`. */
  protected async wire(_context: AudioContext, _input: AudioNode): Promise<void> {}

  #speakInto(context: AudioContext, { track, id }: Opened): void {
    this.#microphone = id;
    track.enabled = this.#micEnabled;
    // Not when we stop it, but when somebody pulls the plug.
    track.addEventListener("ended", () => void this.#lose(track));
    this.#source?.disconnect();
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    if (this.#input) this.#source.connect(this.#input);
    this.#track = track;
  }

  async #lose(track: MediaStreamTrack): Promise<void> {
    if (track !== this.#track) return;
    try {
      await this.changeMicrophone("");
      this.onLost("replaced");
    } catch {
      this.onLost("silent");
    }
  }

  async connect(): Promise<void> {
    await this.initialize();
  }

  /** Closes the microphone and falls silent. */
  async disconnect(): Promise<void> {
    this.#lent.forEach((track) => track.stop());
    this.#lent = [];
    this.#track?.stop();
    this.#track = null;
    this.#source = null;
    this.#input = null;
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
    if (this.#speaker) void toSpeaker(this.#player, this.#speaker);
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

  /** The id of the open microphone, empty for the browser's choice. */
  get microphone(): string {
    return this.#microphone;
  }

  /** Whether a microphone is there to be heard by, muted or not. */
  get isMicLive(): boolean {
    return this.useMicrophone && this.#track?.readyState === "live";
  }

  /**
   * Goes on with the microphone of an id, empty for the browser's choice. Where it can't be
   * opened this throws what `getUserMedia` throws, and the one before stays.
   *
   * @returns Whether it is another one now; not where it was open already.
   */
  async changeMicrophone(id: string): Promise<boolean> {
    const context = this.#context;
    if (!context || !this.useMicrophone) return false;
    this.#wanted = id;
    if (id === this.#microphone && this.isMicLive) return false;
    const opened = await openMicrophone(id);
    // Hung up, or another one was wanted, while the browser asked.
    if (context !== this.#context || this.#wanted !== id) {
      opened.track.stop();
      return false;
    }
    const before = [this.#track, ...this.#lent];
    this.#lent = [];
    this.#speakInto(context, opened);
    const { audio } = this.tracks().local;
    if (audio) await this.onReplaced(audio);
    before.forEach((track) => track?.stop());
    return true;
  }

  async updateMic(id: string): Promise<void> {
    await this.changeMicrophone(id);
  }

  /** Plays the agent's voice on the loudspeaker of an id, empty for the browser's choice. */
  updateSpeaker(id: string): void {
    this.#speaker = id;
    if (this.#context) void toSpeaker(this.#context, id);
    if (this.#player) void toSpeaker(this.#player, id);
  }

  updateCam(): void {}
  enableCam(): void {}
  enableScreenShare(): void {}
}

function silentTrack(context: AudioContext): MediaStreamTrack {
  const [track] = context.createMediaStreamDestination().stream.getAudioTracks();
  if (!track) throw new DOMException("no audio track", "NotFoundError");
  return track;
}

/** Older browsers can't, and play on the one that the system says; so do all where it is gone. */
async function toSpeaker(sound: HTMLMediaElement | AudioContext, id: string): Promise<void> {
  const { setSinkId } = sound as { setSinkId?: (id: string) => Promise<void> };
  await setSinkId?.call(sound, id).catch(() => undefined);
}
