/**
 * What happens in a call, as the service reports it: `CallEvent` of processors/events.py.
 *
 * They arrive as the data of RTVI `server-message`s. A test on the Python side compares the
 * types and fields listed here with the ones that are declared there.
 */

interface Stamped {
  call_id: string;
  /** 1, 2, 3 … within the call; 0 when the sender did not stamp it. */
  sequence: number;
  /** ISO 8601 with time zone. */
  at: string;
}

export interface CallStarted extends Stamped {
  type: "call.started";
  team: string;
  channel: "phone" | "webrtc" | "websocket" | "mic";
  direction: "inbound" | "outbound";
  provider_call_id: string | null;
}

export interface CallEnded extends Stamped {
  type: "call.ended";
  reason: "caller" | "agent" | "operator" | "error" | "shutdown";
  duration_s: number;
}

export interface SessionState extends Stamped {
  type: "session.state";
  state: "connecting" | "ready" | "lost" | "reconnecting" | "failed" | "closed";
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

export interface AgentChanged extends Stamped {
  type: "agent.changed";
  /** `null` for the agent that answers. */
  from_agent: string | null;
  to_agent: string;
  voice: string;
  reason: string;
  context: string;
}

export interface ToolCalled extends Stamped {
  type: "tool.called";
  tool_call_id: string;
  agent: string;
  tool: string;
  arguments: Record<string, unknown>;
}

export interface ToolFinished extends Stamped {
  type: "tool.finished";
  tool_call_id: string;
  tool: string;
  output: string;
  is_error: boolean;
  duration_ms: number;
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

export interface TurnLatency extends Stamped {
  type: "turn.latency";
  latency_ms: number;
}

export interface Usage extends Stamped {
  type: "usage";
  response_id: string;
  model: string;
  input_text_tokens: number;
  input_audio_tokens: number;
  cached_tokens: number;
  output_text_tokens: number;
  output_audio_tokens: number;
}

export interface Problem extends Stamped {
  type: "error";
  source: "realtime" | "tool" | "transport" | "call";
  code: string;
  message: string;
  fatal: boolean;
}

export type CallEvent =
  | CallStarted
  | CallEnded
  | SessionState
  | SessionRenewed
  | UserSpeech
  | UserTranscript
  | AgentTranscript
  | AgentChanged
  | ToolCalled
  | ToolFinished
  | Interruption
  | AgentResumed
  | TurnLatency
  | Usage
  | Problem;

const known: Record<CallEvent["type"], true> = {
  "call.started": true,
  "call.ended": true,
  "session.state": true,
  "session.renewed": true,
  "user.speech": true,
  "user.transcript": true,
  "agent.transcript": true,
  "agent.changed": true,
  "tool.called": true,
  "tool.finished": true,
  interruption: true,
  "agent.resumed": true,
  "turn.latency": true,
  usage: true,
  error: true,
};

/** The event in a server message, or `null` for one that this page does not know. */
export function asCallEvent(data: unknown): CallEvent | null {
  if (typeof data !== "object" || data === null || !("type" in data)) return null;
  const { type } = data;
  return typeof type === "string" && Object.hasOwn(known, type) ? (data as CallEvent) : null;
}
