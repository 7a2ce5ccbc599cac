/** The steps until an agent is on the line, each of which may take only so long. */
import type { Route } from "./line";
import { OfferWatch } from "./offerWatch";
import { offerTrouble, transportTrouble, trouble, type Trouble } from "./trouble";

/** How long the service may take to answer an offer or a socket. */
const ANSWER_DEADLINE_MS = 10_000;
/** How long WebRTC may look for a way from then on. Where UDP gets through it takes a second. */
const MEDIA_DEADLINE_MS = 6000;
/** How long the service may take from there until an agent is on the line. */
const READY_DEADLINE_MS = 20_000;

/** `no-media`: the service answered, or might have, and its media did not come through. */
export type Outcome = "live" | "no-media" | Trouble;

export class Steps {
  readonly outcome: Promise<Outcome>;
  #settle: (outcome: Outcome) => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: OfferWatch | null = null;
  #connected = false;

  /** `offerPath` is where a WebRTC offer goes. */
  constructor(route: Route, offerPath: string) {
    this.outcome = new Promise<Outcome>((resolve) => {
      this.#settle = resolve;
    }).finally(() => {
      clearTimeout(this.#timer);
      this.#watch?.stop();
    });
    this.#allow(ANSWER_DEADLINE_MS, "no-media");
    if (route === "webrtc") {
      this.#watch = new OfferWatch(offerPath, (status) => this.#answered(status));
    }
  }

  /** Media and messages have a way. */
  connected(): void {
    this.#connected = true;
    this.#allow(READY_DEADLINE_MS, trouble("silent-service"));
  }

  /** An agent is on the line. */
  ready(): void {
    this.#settle("live");
  }

  refused(why: Trouble): void {
    this.#settle(why);
  }

  /** The transport gave up with `error`. */
  failed(error: unknown): void {
    if (this.#connected) this.#settle(trouble("silent-service"));
    else this.#settle(transportTrouble(error) ?? "no-media");
  }

  #answered(status: number): void {
    const refusal = offerTrouble(status);
    if (refusal) this.#settle(refusal);
    else if (!this.#connected) this.#allow(MEDIA_DEADLINE_MS, "no-media");
  }

  #allow(ms: number, otherwise: Outcome): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(otherwise), ms);
  }
}
