/** What people do to a call from outside it: processors/events/people.py. */
import type { Stamped } from "./stamped";

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

export type PeopleActing =
  | TransferStarted
  | TransferFinished
  | CallTakenOver
  | CallHandedBack
  | OperatorAction;
