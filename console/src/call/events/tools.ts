/** What tools are called, what comes of it, and whom they ask first: processors/events/tools.py. */
import type { Stamped } from "./stamped";

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

export type ToolUse =
  | ToolCalled
  | ToolFinished
  | ToolProgressed
  | ApprovalRequested
  | ApprovalDecided
  | ElicitationRequested
  | ElicitationAnswered;
