/** How far this page's operator is with a take-over, and how to say so. Pure: the hook feeds it. */
import type { End, Route } from "../call/line";
import { type MicrophoneFault, microphoneNotice } from "../call/speaking";

export type TakeOverStage = "off" | "connecting" | "speaking" | "returning";

export interface TakeOverState {
  stage: TakeOverStage;
  route: Route | null;
  muted: boolean;
  /** Why it did not come about, or ended, or what is wrong with it; empty while all is well. */
  outcome: string;
  /** Whether it ended while the operator was speaking, without their doing. */
  cutOff: boolean;
}

export type TakeOverAction =
  | { type: "start" }
  | { type: "live"; route: Route }
  | { type: "muted"; muted: boolean }
  | { type: "microphone"; fault: MicrophoneFault }
  | { type: "return" }
  | { type: "refused"; why: string }
  | { type: "closed"; end: End };

export const notTakenOver: TakeOverState = {
  stage: "off",
  route: null,
  muted: false,
  outcome: "",
  cutOff: false,
};

export function takeOverReducer(state: TakeOverState, action: TakeOverAction): TakeOverState {
  switch (action.type) {
    case "start":
      return { ...notTakenOver, stage: "connecting" };
    case "live":
      return { ...state, stage: "speaking", route: action.route };
    case "muted":
      return { ...state, muted: action.muted };
    case "microphone":
      return { ...state, outcome: microphoneNotice(action.fault, "") };
    case "return":
      return { ...state, stage: "returning", outcome: "" };
    case "refused":
      return { ...state, stage: "speaking", outcome: action.why };
    case "closed":
      return {
        ...notTakenOver,
        outcome: outcomeOf(state.stage, action.end),
        cutOff: state.stage === "speaking" && action.end !== "caller",
      };
  }
}

function outcomeOf(stage: TakeOverStage, end: End): string {
  // Handed back, or left, by the operator.
  if (end === "caller" || stage === "returning") return "";
  if (stage === "connecting") return end === "service" ? "The call is over" : end.title;
  return end === "service"
    ? "You speak with the caller no longer"
    : "Your connection was lost: the agent has the caller again";
}

/** What the operator is to know while they take a call over. */
export function takeOverWords({ stage, muted, route }: TakeOverState): string {
  switch (stage) {
    case "off":
      return "";
    case "connecting":
      return "Connecting your microphone, the agent goes on meanwhile";
    case "speaking":
      if (muted) return "Your microphone is off: the caller hears nobody";
      return `You are speaking with the caller${route === "websocket" ? " (by WebSocket)" : ""}`;
    case "returning":
      return "Handing back: the agent is told what you said";
  }
}

/** Why an operator speaks no longer whose call is over. */
export function overWords(reason: string | null): string {
  return reason === "caller"
    ? "The caller hung up while you were speaking with them"
    : "The call ended while you were speaking with the caller";
}
