/** Who speaks, what is said, and by which agent: processors/events/conversation.py. */
import type { Stamped } from "./stamped";

export interface SessionState extends Stamped {
  type: "session.state";
  state: "connecting" | "ready" | "lost" | "reconnecting" | "text" | "failed" | "closed";
  detail: string;
}

export interface SessionRenewed extends Stamped {
  type: "session.renewed";
  endpoint: string;
  age_s: number;
  moment: "pause" | "caller_turn" | "forced";
}

export interface UserSpeech extends Stamped {
  type: "user.speech";
  speaking: boolean;
}

export interface UserTranscript extends Stamped {
  type: "user.transcript";
  item_id: string;
  /** The whole item's text so far. */
  text: string;
  final: boolean;
}

export interface AgentTranscript extends Stamped {
  type: "agent.transcript";
  item_id: string;
  agent: string;
  /** The whole item's text so far; what was heard, once it is final. */
  text: string;
  final: boolean;
  interrupted: boolean;
}

/** What an operator says to the caller in the agent's place. */
export interface OperatorTranscript extends Stamped {
  type: "operator.transcript";
  item_id: string;
  /** The name of the operator's key; empty on a caller's page. */
  by: string;
  /** The whole item's text so far. */
  text: string;
  final: boolean;
}

export interface AgentChanged extends Stamped {
  type: "agent.changed";
  /** `null` for the agent that answers. */
  from_agent: string | null;
  to_agent: string;
  voice: string;
  reason: string;
  context: string;
}

export interface Interruption extends Stamped {
  type: "interruption";
  item_id: string;
  heard_ms: number;
}

export interface AgentResumed extends Stamped {
  type: "agent.resumed";
  item_id: string;
  paused_ms: number;
}

export interface LineHeld extends Stamped {
  type: "line.held";
  waits_for: "connection" | "answer" | "tool";
  waited_ms: number;
}

export interface DtmfReceived extends Stamped {
  type: "dtmf.received";
  digits: string;
  sensitive: boolean;
}

export interface DtmfSent extends Stamped {
  type: "dtmf.sent";
  digits: string;
}

/** An agent was stopped before it said what it must not say. */
export interface GuardrailTripped extends Stamped {
  type: "guardrail.tripped";
  guardrail: string;
  source: "words" | "moderation";
  agent: string;
  item_id: string;
  words: string;
  heard_ms: number;
  /** What it is to say now; empty where that is left to it. */
  instead: string;
}

export type Conversation =
  | SessionState
  | SessionRenewed
  | UserSpeech
  | UserTranscript
  | AgentTranscript
  | OperatorTranscript
  | AgentChanged
  | Interruption
  | AgentResumed
  | LineHeld
  | DtmfReceived
  | DtmfSent
  | GuardrailTripped;
