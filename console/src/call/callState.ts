/** Where a call stands, and how to say so. Pure: the hook feeds it. */
import { type Conversation, emptyConversation, withEvent, withSaid } from "./conversation";
import type { CallEvent } from "./events";
import type { End, Route } from "./line";
import type { MicrophoneFault } from "./speaking";
import type { Trouble } from "./trouble";

export type Stage = "idle" | "microphone" | "calling" | "live" | "over";

export interface CallState {
  stage: Stage;
  route: Route | null;
  /** False for a call that is typed only. */
  microphone: boolean;
  muted: boolean;
  /** Whether the caller holds the button of push-to-talk. */
  held: boolean;
  /** What happened to the microphone during the call. */
  fault: MicrophoneFault | null;
  soundLost: boolean;
  /** Milliseconds since the epoch; null before the agent is on the line. */
  liveAt: number | null;
  overAt: number | null;
  trouble: Trouble | null;
  /** Whether the caller ended it. */
  hungUp: boolean;
  conversation: Conversation;
}

export type CallAction =
  | { type: "start"; microphone: boolean }
  | { type: "calling" }
  | { type: "live"; route: Route; now: number }
  | { type: "event"; event: CallEvent }
  | { type: "said"; words: string }
  | { type: "sound"; arrives: boolean }
  | { type: "muted"; muted: boolean }
  | { type: "held"; held: boolean }
  | { type: "fault"; fault: MicrophoneFault | null }
  | { type: "closed"; end: End; now: number }
  | { type: "left" };

export const noCall: CallState = {
  stage: "idle",
  route: null,
  microphone: true,
  muted: false,
  held: false,
  fault: null,
  soundLost: false,
  liveAt: null,
  overAt: null,
  trouble: null,
  hungUp: false,
  conversation: emptyConversation,
};

export function callReducer(state: CallState, action: CallAction): CallState {
  switch (action.type) {
    case "start":
      return {
        ...noCall,
        stage: action.microphone ? "microphone" : "calling",
        microphone: action.microphone,
      };
    case "calling":
      return { ...state, stage: "calling" };
    case "live":
      return { ...state, stage: "live", route: action.route, liveAt: action.now };
    case "event":
      return { ...state, conversation: withEvent(state.conversation, action.event) };
    case "said":
      return { ...state, conversation: withSaid(state.conversation, action.words) };
    case "sound":
      return { ...state, soundLost: !action.arrives };
    case "muted":
      return { ...state, muted: action.muted };
    case "held":
      return { ...state, held: action.held };
    case "fault":
      return { ...state, fault: action.fault };
    case "closed":
      return {
        ...state,
        stage: "over",
        trouble: typeof action.end === "string" ? null : action.end,
        hungUp: action.end === "caller",
        overAt: action.now,
        muted: false,
        held: false,
        fault: null,
        soundLost: false,
      };
    case "left":
      return noCall;
  }
}

export function isBusy({ stage }: CallState): boolean {
  return stage === "microphone" || stage === "calling" || stage === "live";
}

/** Whether the call goes on in writing, because no model can speak at the moment. */
export function isWritten({ stage, conversation }: CallState): boolean {
  return stage === "live" && conversation.session === "text";
}

/** The state of the connection in words. */
export function statusWords(state: CallState): string {
  const { session, endReason } = state.conversation;
  switch (state.stage) {
    case "idle":
      return "Not connected";
    case "microphone":
      return "Waiting for the microphone";
    case "calling":
      return "Calling";
    case "live":
      if (session === "lost") return "The agent’s line dropped, reconnecting";
      if (session === "text") return "Voice is away for now, please type";
      if (session === "failed") return "The agent’s line failed";
      if (state.soundLost) return "Weak connection, waiting for sound";
      return state.route === "websocket" ? "Connected by WebSocket" : "Connected";
    case "over":
      if (state.trouble) return state.trouble.title;
      if (state.hungUp) return "You hung up";
      return endWords[endReason ?? ""] ?? "The call has ended";
  }
}

/** How a state is coloured: `busy` is on its way to be good. */
export type Tone = "off" | "busy" | "good" | "bad";

export function statusTone(state: CallState): Tone {
  switch (state.stage) {
    case "idle":
      return "off";
    case "microphone":
    case "calling":
      return "busy";
    case "live":
      if (state.conversation.session === "failed") return "bad";
      if (isWritten(state)) return "busy";
      return state.conversation.session === "lost" || state.soundLost ? "busy" : "good";
    case "over":
      return state.trouble ? "bad" : "off";
  }
}

const endWords: Record<string, string> = {
  agent: "The agent ended the call",
  operator: "An operator ended the call",
  transfer: "You were put through to a person",
  limit: "The call had lasted, or cost, as much as it may",
  error: "The call failed",
  shutdown: "The service is shutting down",
};

/** `83.4` seconds as `1:23`, an hour and three seconds as `1:00:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const parts = hours > 0 ? [hours, padded(minutes)] : [minutes];
  return [...parts, padded(whole % 60)].join(":");
}

function padded(part: number): string {
  return String(part).padStart(2, "0");
}
