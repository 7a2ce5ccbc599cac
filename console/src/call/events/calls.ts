/** Calls that begin, go on and end, and what goes wrong in them: processors/events/calls.py. */
import type { Stamped } from "./stamped";

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

export interface Problem extends Stamped {
  type: "error";
  source: "realtime" | "tool" | "transport" | "call" | "recording";
  code: string;
  message: string;
  fatal: boolean;
}

export type CallLifecycle =
  | CallStarted
  | CallEnded
  | CallPlanned
  | CallStatus
  | CallAnswered
  | Problem;
