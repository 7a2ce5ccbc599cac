/**
 * What happens in a call, as the service reports it: `CallEvent` of processors/events, in files of the same names.
 *
 * They arrive as the data of RTVI `server-message`s, and as server-sent events. A test on the Python side compares the
 * types and fields that are declared here with the ones there.
 */
import type { CallLifecycle } from "./events/calls";
import type { Conversation } from "./events/conversation";
import type { Measured } from "./events/figures";
import type { CallOutcome } from "./events/outcome";
import type { PeopleActing } from "./events/people";
import type { Recorded } from "./events/recording";
import type { ToolUse } from "./events/tools";

export type * from "./events/calls";
export type * from "./events/conversation";
export type * from "./events/figures";
export type * from "./events/outcome";
export type * from "./events/people";
export type * from "./events/recording";
export type * from "./events/tools";

export type CallEvent = CallLifecycle | CallOutcome | Conversation | ToolUse | PeopleActing | Recorded | Measured;

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
