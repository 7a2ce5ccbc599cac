/** What happened to a call besides talk, in a line each. */
import type { Note } from "./conversation";
import type { CallEvent, ElicitationAnswered, OperatorAction } from "./events";
import { money, seconds } from "./wording";

/** The note that an event makes; `null` for one that says nothing worth a line. */
export function noteOf(event: CallEvent): Note | null {
  const words = wordsOf(event);
  if (!words) return null;
  const [label, text] = words;
  return { kind: "note", key: `note-${event.sequence}-${event.at}`, at: event.at, label, text };
}

function wordsOf(event: CallEvent): [label: string, text: string] | null {
  switch (event.type) {
    case "operator.action":
      // Approvals, answers and recordings have events of their own.
      if (["approve", "deny", "answer", "record", "stop_recording"].includes(event.action)) return null;
      return [operatorName(event.by), actionWords(event)];
    case "call.taken_over":
      return [operatorName(event.by), "Took the call over"];
    case "call.handed_back":
      return [operatorName(event.by), handBacks[event.reason]];
    case "dtmf.received":
      return ["Keypad", `The caller pressed ${event.digits}`];
    case "dtmf.sent":
      return ["Keypad", `Pressed ${event.digits} towards the other side`];
    case "transfer.started": {
      const why = event.reason ? `: ${event.reason}` : "";
      return ["Transfer", `Ringing ${event.to} (${event.kind})${why}`];
    }
    case "transfer.finished":
      return ["Transfer", outcomes[event.outcome]];
    case "approval.requested":
      return event.of === "operator"
        ? ["Approval", `${event.tool} waits for an operator’s yes`]
        : ["Approval", `${event.tool} waits for the caller’s yes`];
    case "approval.decided":
      return ["Approval", decisions[event.decision] + (event.by ? ` by ${event.by}` : "")];
    case "elicitation.requested":
      return ["Question", `${event.tool} asks the ${event.of}: ${event.message}`];
    case "elicitation.answered":
      return ["Question", replyWords(event)];
    case "guardrail.tripped":
      return ["Guardrail", `Stopped before saying “${event.words}” (${event.guardrail})`];
    case "recording.started":
      return ["Recording", "Being recorded from here on"];
    case "recording.finished":
      return ["Recording", "The recording is complete"];
    case "consent":
      return ["Consent", `The caller ${event.granted ? "agrees" : "objects"} to the ${event.kind}`];
    case "call.answered":
      return ["Answer", answers[event.answered_by]];
    case "line.held":
      return ["Wait", `The caller was told that somebody is there, after ${seconds(event.waited_ms)} of waiting for ${waits[event.waits_for]}`];
    case "cost.limit":
      return event.state === "near"
        ? ["Warning", `The call comes near the ${money(event.limit_usd)} that it may cost`]
        : ["Cost", "The call has cost as much as it may, and is ended"];
    case "threshold.exceeded":
      return ["Warning", figures[event.figure](event.value, event.threshold)];
    default:
      return null;
  }
}

/** An operator by the name of their key, which callers are not told. */
export function operatorName(by: string): string {
  if (by === "") return "A colleague";
  return by === "local" ? "Operator" : by;
}

const waits = { connection: "the connection to the model", answer: "an answer", tool: "a tool" };

const handBacks = {
  operator: "Gave the caller back to the agent",
  connection_lost: "Lost the connection: the agent has the caller again",
  transfer: "Gave the caller back, to be transferred",
  call_ended: "Gave the caller back, since the call ends",
};

const outcomes = {
  answered: "The person took the call",
  declined: "The person declined, the caller is back",
  busy: "The line was busy, the caller is back",
  no_answer: "Nobody answered, the caller is back",
  failed: "The transfer failed, the caller is back",
};

const replies = { accept: "Answered", decline: "Declined", cancel: "Left unanswered" };

function replyWords({ action, by }: ElicitationAnswered): string {
  if (by === "") return "Nobody answered";
  return `${replies[action]} by ${by === "caller" ? "the caller" : operatorName(by)}`;
}

const decisions = { approved: "Approved", denied: "Denied", expired: "Nobody decided in time" };

const answers = {
  human: "A person answered",
  machine: "A machine answered",
  fax: "A fax answered",
  unknown: "It was answered, by whom is not known",
};

const figures = {
  latency_ms: (value: number, limit: number) =>
    `An answer took ${seconds(value)}, more than ${seconds(limit)}`,
  tool_ms: (value: number, limit: number) =>
    `A tool took ${seconds(value)}, more than ${seconds(limit)}`,
  cost_usd: (value: number, limit: number) =>
    `The call has cost ${money(value)}, more than ${money(limit)}`,
};

function actionWords({ action, detail }: OperatorAction): string {
  const told = detail ? ` “${detail}”` : "";
  switch (action) {
    case "say":
      return `Had the agent say${told}`;
    case "coach":
      return `Told the agent${told}`;
    case "mute":
      return `Muted the ${detail}`;
    case "unmute":
      return `Unmuted the ${detail}`;
    case "end":
      return `Ended the call${detail ? ` with${told}` : ""}`;
    case "transfer":
      return `Transferred the caller${detail ? ` to ${detail}` : ""}`;
    case "digits":
      return `Pressed ${detail}`;
    default:
      return `${action.replaceAll("_", " ")}${told}`;
  }
}
