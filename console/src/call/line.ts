/** One call to the service: WebRTC first, a WebSocket where its media does not come through. */
import { LogLevel, PipecatClient, type Transport } from "@pipecat-ai/client-js";
import type { CallMedia, Lost } from "../media/callMedia";
import type { Addresses } from "./addresses";
import { asCallEvent, type CallEvent } from "./events";
import { type Outcome, Steps } from "./steps";
import { isOrderlyClose, microphoneTrouble, socketTrouble, trouble, type Trouble } from "./trouble";
import { webrtcRoute } from "./webrtcRoute";

export type Route = "webrtc" | "websocket";

/** Who ended the call, or what did. */
export type End = "caller" | "service" | Trouble;

/** Hears about a call as it goes on. `onClosed` comes last and once. */
export interface LineListener {
  onCalling(): void;
  onLive(route: Route): void;
  onEvent(event: CallEvent): void;
  /** The agent says these words now. */
  onSaid(words: string): void;
  /** Whether the agent's audio arrives. */
  onSound(arrives: boolean): void;
  /** The microphone was taken away. */
  onMicrophoneLost(what: Lost): void;
  onClosed(end: End): void;
}

/** What a call is heard and spoken with. Ids of devices; an empty one leaves it to the browser. */
export interface Sound {
  microphone: string;
  speaker: string;
  muted: boolean;
}

/** The id of the microphone that is used now, and why it is not the one that was wanted. */
export interface MicrophoneChange {
  used: string;
  fault: "silent" | "unopened" | null;
}

/** How long the line stays open once the service has sent its last word. */
const LAST_WORDS_MS = 700;

export class Line {
  readonly #addresses: Addresses;
  readonly #sound: Sound;
  readonly #listener: LineListener;
  #client: PipecatClient | null = null;
  #media: CallMedia | null = null;
  #live = false;
  #left = false;
  #closed = false;

  constructor(addresses: Addresses, listener: LineListener, sound: Partial<Sound> = {}) {
    this.#addresses = addresses;
    this.#listener = listener;
    this.#sound = { microphone: "", speaker: "", muted: false, ...sound };
  }

  /** Calls the service. Never throws: what goes wrong is told to the listener. */
  async open(useMicrophone: boolean): Promise<void> {
    try {
      let outcome = await this.#tryRoute("webrtc", useMicrophone);
      if (outcome === "no-media" && !this.#closed) {
        outcome = await this.#tryRoute("websocket", useMicrophone);
      }
      if (outcome === "no-media") outcome = trouble("unreachable");
      if (outcome !== "live") this.#close(outcome);
    } catch (error) {
      this.#close(trouble("refused", error instanceof Error ? error.message : String(error)));
    }
  }

  hangUp(): void {
    this.#close("caller");
  }

  setMuted(muted: boolean): void {
    this.#sound.muted = muted;
    this.#client?.enableMic(!muted);
  }

  /**
   * Goes on with another microphone, by its id.
   *
   * @returns What came of it; `null` where nothing changed.
   */
  async setMicrophone(id: string): Promise<MicrophoneChange | null> {
    this.#sound.microphone = id;
    const media = this.#media;
    if (!media) return null;
    try {
      return (await media.changeMicrophone(id)) ? { used: id, fault: null } : null;
    } catch {
      if (!media.isMicLive) return { used: id, fault: "silent" };
      this.#sound.microphone = media.microphone;
      return { used: media.microphone, fault: "unopened" };
    }
  }

  setSpeaker(id: string): void {
    this.#sound.speaker = id;
    this.#media?.updateSpeaker(id);
  }

  /** Says `text` for the caller. */
  sendText(text: string): void {
    if (!this.#live) return;
    void this.#client?.sendText(text, { run_immediately: true, audio_response: true });
  }

  levels(): { own: number; remote: number } {
    return this.#media?.levels() ?? { own: 0, remote: 0 };
  }

  async #tryRoute(route: Route, useMicrophone: boolean): Promise<Outcome> {
    const { transport, media, params } = await this.#route(route, useMicrophone);
    try {
      await media.initialize();
    } catch (error) {
      return microphoneTrouble(error);
    }
    if (this.#closed) {
      await media.disconnect();
      return "no-media";
    }
    this.#media = media;
    media.onLost = (what) => {
      if (media === this.#media) this.#listener.onMicrophoneLost(what);
    };
    // Another one may have been chosen, or named, while this one was opened.
    void this.setMicrophone(this.#sound.microphone);
    this.#listener.onCalling();
    const outcome = await this.#connect(route, transport, params);
    if (outcome !== "live") await this.#release();
    return outcome;
  }

  async #route(
    route: Route,
    useMicrophone: boolean,
  ): Promise<{ transport: Transport; media: CallMedia; params: unknown }> {
    if (route === "webrtc") return webrtcRoute(useMicrophone, this.#addresses, this.#sound);
    const { streamedRoute } = await import("./streamedRoute");
    return streamedRoute(useMicrophone, this.#addresses, this.#sound);
  }

  async #connect(route: Route, transport: Transport, params: unknown): Promise<Outcome> {
    const steps = new Steps(route, this.#addresses.offer);
    const client = new PipecatClient({
      transport,
      disconnectOnBotDisconnect: false,
      callbacks: {
        onConnected: () => steps.connected(),
        onServerMessage: (data: unknown) => this.#hear(data),
        onBotTtsText: ({ text }) => this.#listener.onSaid(text),
        onTrackStarted: (track) => {
          if (track.kind !== "audio" || client !== this.#client) return;
          this.#media?.playRemote(track);
          this.#listener.onSound(true);
        },
        onTrackStopped: (track) => {
          if (track.kind === "audio" && client === this.#client) this.#listener.onSound(false);
        },
        onBotDisconnected: () => this.#leave(),
        onDisconnected: () => this.#lose(client),
        onError: ({ data }) => {
          if (route !== "websocket") return;
          steps.refused(socketTrouble(data));
          if (isOrderlyClose(data)) this.#leave();
          else this.#lose(client);
        },
      },
    });
    client.setLogLevel(LogLevel.NONE);
    client.enableMic(!this.#sound.muted);
    this.#client = client;
    client.connect(params).then(
      () => steps.ready(),
      (error: unknown) => steps.failed(error),
    );
    const outcome = await steps.outcome;
    if (outcome === "live" && !this.#closed) {
      this.#live = true;
      this.#listener.onLive(route);
    }
    return outcome;
  }

  #hear(data: unknown): void {
    const event = asCallEvent(data);
    if (!event || this.#closed) return;
    this.#listener.onEvent(event);
    if (event.type === "interruption") void this.#media?.userStartedSpeaking();
    if (event.type === "call.ended") this.#leave();
  }

  /** The service took its leave: its last words may still be on their way to the ear. */
  #leave(): void {
    this.#left = true;
    setTimeout(() => this.#close("service"), LAST_WORDS_MS);
  }

  /** The transport is gone without our doing. */
  #lose(client: PipecatClient): void {
    if (client === this.#client && this.#live && !this.#left) this.#close(trouble("cut"));
  }

  #close(end: End): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#live = false;
    void this.#release();
    this.#listener.onClosed(end);
  }

  async #release(): Promise<void> {
    const [client, media] = [this.#client, this.#media];
    this.#client = null;
    this.#media = null;
    await client?.disconnect();
    await media?.disconnect();
  }
}
