/**
 * What happens in a call, as the service reports it: `CallEvent` of processors/events.
 *
 * They arrive as the data of RTVI `server-message`s, and as server-sent events. A test on the Python side compares the
 * types and fields listed here with the ones that are declared there.
 */

interface Stamped {
  call_id: string;
  /** 1, 2, 3 … within the call; 0 when the sender did not stamp it. */
  sequence: number;
  /** ISO 8601 with time zone. */
  at: string;
}

/** How far a call has come; the first three are live. */
export type Status =
  | "initiated"
  | "ringing"
  | "in_progress"
  | "completed"
  | "failed"
  | "busy"
  | "no_answer"
  | "canceled";

export interface CallStarted extends Stamped {
  type: "call.started";
  team: string;
  channel: "phone" | "webrtc" | "websocket" | "mic";
  direction: "inbound" | "outbound";
  /** E.164, where the carrier says them. */
  from_number: string | null;
  to_number: string | null;
  /** What an outbound call is for. */
  task: string | null;
  provider_call_id: string | null;
}

export interface CallEnded extends Stamped {
  type: "call.ended";
  reason: "caller" | "agent" | "operator" | "transfer" | "limit" | "error" | "shutdown" | "lost";
  duration_s: number;
}

export interface CallPlanned extends Stamped {
  type: "call.planned";
  request: Record<string, unknown>;
  idempotency_key: string | null;
}

export interface CallStatus extends Stamped {
  type: "call.status";
  status: Status;
  team: string;
  direction: "outbound";
  from_number: string | null;
  to_number: string | null;
  task: string | null;
  provider_call_id: string | null;
  provider_sequence: number | null;
  detail: string;
}

export interface CallAnswered extends Stamped {
  type: "call.answered";
  answered_by: "human" | "machine" | "fax" | "unknown";
  source: "carrier" | "transcript" | "none";
  action: "talk" | "leave_message" | "hang_up";
  detail: string;
}

export interface DataExtracted extends Stamped {
  type: "data.extracted";
  agent: string | null;
  /** Later values replace earlier ones by name. */
  data: Record<string, unknown>;
}

/** What came of a call; comes after its end. */
export interface CallSummarised extends Stamped {
  type: "call.summary";
  summary: string;
  intent: string;
  outcome: string;
  data: Record<string, unknown>;
  model: string;
}

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

/** A tool that takes long tells how far it is. */
export interface ToolProgressed extends Stamped {
  type: "tool.progress";
  tool_call_id: string;
  tool: string;
  done: number;
  total: number | null;
  message: string;
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
  cached_audio_tokens: number;
  output_text_tokens: number;
  output_audio_tokens: number;
  audio_s: number;
}

/** What the call has cost so far. */
export interface Cost extends Stamped {
  type: "cost";
  usd: number;
  by_kind: Record<string, number>;
  /** Models whose price is not known. */
  unpriced: string[];
}

export interface CostLimit extends Stamped {
  type: "cost.limit";
  state: "near" | "reached";
  usd: number;
  limit_usd: number;
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

export interface TransferStarted extends Stamped {
  type: "transfer.started";
  kind: "blind" | "warm";
  to: string;
  reason: string;
  summary: string;
}

export interface TransferFinished extends Stamped {
  type: "transfer.finished";
  kind: "blind" | "warm";
  to: string;
  outcome: "answered" | "declined" | "busy" | "no_answer" | "failed";
}

export interface ApprovalRequested extends Stamped {
  type: "approval.requested";
  approval_id: string;
  tool: string;
  arguments: Record<string, unknown>;
  of: "caller" | "operator";
}

export interface ApprovalDecided extends Stamped {
  type: "approval.decided";
  approval_id: string;
  decision: "approved" | "denied" | "expired";
  by: string;
}

/** A tool asks something before it can go on. */
export interface ElicitationRequested extends Stamped {
  type: "elicitation.requested";
  elicitation_id: string;
  tool: string;
  message: string;
  /** JSON Schemas of what it has to know, by name. */
  answers: Record<string, unknown>;
  /** Which of them must be given. */
  required: string[];
  of: "caller" | "operator";
}

export interface ElicitationAnswered extends Stamped {
  type: "elicitation.answered";
  elicitation_id: string;
  action: "accept" | "decline" | "cancel";
  by: string;
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

export interface CallTakenOver extends Stamped {
  type: "call.taken_over";
  by: string;
}

export interface CallHandedBack extends Stamped {
  type: "call.handed_back";
  by: string;
  reason: "operator" | "connection_lost" | "transfer" | "call_ended";
}

export interface OperatorAction extends Stamped {
  type: "operator.action";
  action: string;
  /** The name of the operator's key. */
  by: string;
  /** What was said or told, or the side that was muted. */
  detail: string;
}

export interface RecordingStarted extends Stamped {
  type: "recording.started";
  file: string;
  channels: ("caller" | "agent")[];
}

export interface RecordingFinished extends Stamped {
  type: "recording.finished";
  file: string;
  channels: ("caller" | "agent")[];
  duration_s: number;
  bytes: number;
  sha256: string;
}

export interface Consent extends Stamped {
  type: "consent";
  kind: "recording";
  granted: boolean;
}

export interface Quality extends Stamped {
  type: "quality";
  jitter_ms: number;
  worst_jitter_ms: number;
  gaps: number;
  missing_ms: number;
  received_ms: number;
  speech_dbfs: number | null;
  noise_dbfs: number;
  clipped: number;
  mos: number;
}

export interface ThresholdExceeded extends Stamped {
  type: "threshold.exceeded";
  figure: "latency_ms" | "tool_ms" | "cost_usd";
  value: number;
  threshold: number;
}

export interface Problem extends Stamped {
  type: "error";
  source: "realtime" | "tool" | "transport" | "call" | "recording";
  code: string;
  message: string;
  fatal: boolean;
}

export type CallEvent =
  | CallStarted
  | CallEnded
  | CallPlanned
  | CallStatus
  | CallAnswered
  | DataExtracted
  | CallSummarised
  | SessionState
  | SessionRenewed
  | UserSpeech
  | UserTranscript
  | AgentTranscript
  | OperatorTranscript
  | AgentChanged
  | ToolCalled
  | ToolFinished
  | ToolProgressed
  | Interruption
  | AgentResumed
  | LineHeld
  | TurnLatency
  | Usage
  | Cost
  | CostLimit
  | DtmfReceived
  | DtmfSent
  | TransferStarted
  | TransferFinished
  | ApprovalRequested
  | ApprovalDecided
  | ElicitationRequested
  | ElicitationAnswered
  | GuardrailTripped
  | CallTakenOver
  | CallHandedBack
  | OperatorAction
  | RecordingStarted
  | RecordingFinished
  | Consent
  | Quality
  | ThresholdExceeded
  | Problem;

const known: Record<CallEvent["type"], true> = {
  "call.started": true,
  "call.ended": true,
  "call.planned": true,
  "call.status": true,
  "call.answered": true,
  "data.extracted": true,
  "call.summary": true,
  "session.state": true,
  "session.renewed": true,
  "user.speech": true,
  "user.transcript": true,
  "agent.transcript": true,
  "operator.transcript": true,
  "agent.changed": true,
  "tool.called": true,
  "tool.finished": true,
  "tool.progress": true,
  interruption: true,
  "agent.resumed": true,
  "line.held": true,
  "turn.latency": true,
  usage: true,
  cost: true,
  "cost.limit": true,
  "dtmf.received": true,
  "dtmf.sent": true,
  "transfer.started": true,
  "transfer.finished": true,
  "approval.requested": true,
  "approval.decided": true,
  "elicitation.requested": true,
  "elicitation.answered": true,
  "guardrail.tripped": true,
  "call.taken_over": true,
  "call.handed_back": true,
  "operator.action": true,
  "recording.started": true,
  "recording.finished": true,
  consent: true,
  quality: true,
  "threshold.exceeded": true,
  error: true,
};

/** The event in a server message, or `null` for one that this page does not know. */
export function asCallEvent(data: unknown): CallEvent | null {
  if (typeof data !== "object" || data === null || !("type" in data)) return null;
  const { type } = data;
  return typeof type === "string" && Object.hasOwn(known, type) ? (data as CallEvent) : null;
}
