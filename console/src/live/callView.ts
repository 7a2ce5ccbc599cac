/** One call as an operator sees it: its record, what was said, and what is known of it. Pure. */
import type { Tone } from "../call/callState";
import { type Conversation, emptyConversation, withEvent } from "../call/conversation";
import type { CallEvent, Status } from "../call/events";
import { type Facts, noFacts, withFact } from "../call/facts";
import { operatorName } from "../call/notes";
import { type CallRecord, isLive } from "../call/records";

export interface CallView {
  record: CallRecord | null;
  status: Status;
  conversation: Conversation;
  facts: Facts;
  /** Whether the events so far have been read. */
  loaded: boolean;
}

export const noView: CallView = {
  record: null,
  status: "in_progress",
  conversation: emptyConversation,
  facts: noFacts,
  loaded: false,
};

export function withRecord(view: CallView, record: CallRecord): CallView {
  // The stream may be ahead of the record.
  const status = isLive(view.status) ? record.status : view.status;
  return { ...view, record, status };
}

/** The view after some of the call's events; events that were seen before change nothing. */
export function withCallEvents(view: CallView, events: readonly CallEvent[]): CallView {
  let { conversation, facts, status } = view;
  for (const event of events) {
    conversation = withEvent(conversation, event);
    facts = withFact(facts, event);
    if (event.type === "call.started") status = "in_progress";
    if (event.type === "call.ended") status = endStatus[event.reason] ?? "completed";
    if (event.type === "call.status") status = event.status;
  }
  return { ...view, conversation, facts, status };
}

const endStatus: Partial<Record<string, Status>> = { error: "failed", lost: "failed" };

/** Where the call stands, in words. */
export function standing({ status, conversation, facts }: CallView): string {
  if (status === "initiated") return "Being placed";
  if (status === "ringing") return "Ringing";
  if (!isLive(status)) return "Over";
  switch (conversation.session) {
    case "lost":
      return "The agent’s line dropped, reconnecting";
    case "text":
      return "Voice is away, the call goes on in writing";
    case "failed":
      return "The agent’s line failed";
    default:
      if (facts.takenBy !== null) return `Live, ${operatorName(facts.takenBy)} speaks with the caller`;
      if (facts.muted.agent && facts.muted.caller) return "Live, both sides muted";
      if (facts.muted.agent) return "Live, the agent is muted";
      return facts.muted.caller ? "Live, the caller is muted" : "Live";
  }
}

/** How that is coloured. */
export function standingTone({ status, conversation }: CallView): Tone {
  if (!isLive(status)) return status === "completed" ? "off" : "bad";
  if (status !== "in_progress") return "busy";
  if (conversation.session === "failed") return "bad";
  return conversation.session === "lost" || conversation.session === "text" ? "busy" : "good";
}
