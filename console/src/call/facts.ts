/** What is known of a call besides what was said: a view for operators, built from its events. */
import type { CallEvent } from "./events";

export interface Turn {
  agent: string;
  voice: string;
  at: string;
  reason: string;
  context: string;
}

export interface Approval {
  id: string;
  tool: string;
  arguments: Record<string, unknown>;
}

/** What a tool asks an operator before it can go on. */
export interface Question {
  id: string;
  tool: string;
  message: string;
  /** JSON Schema of the answers. */
  schema: Record<string, unknown>;
}

export interface Facts {
  startedAt: string | null;
  endedAt: string | null;
  /** Who has had the caller, in order. */
  turns: readonly Turn[];
  data: Readonly<Record<string, unknown>>;
  /** What waits for an operator's yes. */
  approvals: readonly Approval[];
  /** What is asked of operators. */
  questions: readonly Question[];
  muted: { caller: boolean; agent: boolean };
  /** The operator who talks with the caller in the agent's place; null while the agent does. */
  takenBy: string | null;
  recording: boolean;
  /** Finished recordings, in order. */
  recordings: number;
  /** When each recording began. */
  recordingStarts: readonly string[];
  latencies: readonly number[];
  tokens: number;
  costUsd: number | null;
  /** Models whose price is not known, so that the cost lacks them. */
  unpriced: readonly string[];
  mos: number | null;
  lastSequence: number;
}

export const noFacts: Facts = {
  startedAt: null,
  endedAt: null,
  turns: [],
  data: {},
  approvals: [],
  questions: [],
  muted: { caller: false, agent: false },
  takenBy: null,
  recording: false,
  recordings: 0,
  recordingStarts: [],
  latencies: [],
  tokens: 0,
  costUsd: null,
  unpriced: [],
  mos: null,
  lastSequence: 0,
};

/** The facts after `event`. An event that was seen before changes nothing. */
export function withFact(facts: Facts, event: CallEvent): Facts {
  if (event.sequence > 0 && event.sequence <= facts.lastSequence) return facts;
  return { ...facts, ...changed(facts, event), lastSequence: event.sequence };
}

function changed(facts: Facts, event: CallEvent): Partial<Facts> {
  switch (event.type) {
    case "call.started":
      return { startedAt: event.at, endedAt: null };
    case "call.ended":
      return {
        endedAt: event.at,
        approvals: [],
        questions: [],
        recording: false,
        muted: noFacts.muted,
        takenBy: null,
      };
    case "agent.changed": {
      const turn = {
        agent: event.to_agent,
        voice: event.voice,
        at: event.at,
        reason: event.reason,
        context: event.context,
      };
      return { turns: [...facts.turns, turn] };
    }
    case "data.extracted":
      return { data: { ...facts.data, ...event.data } };
    case "call.summary":
      return { data: { ...facts.data, ...event.data } };
    case "approval.requested": {
      if (event.of !== "operator") return {};
      const { approval_id: id, tool } = event;
      return { approvals: [...facts.approvals, { id, tool, arguments: event.arguments }] };
    }
    case "approval.decided":
      return { approvals: facts.approvals.filter(({ id }) => id !== event.approval_id) };
    case "elicitation.requested": {
      if (event.of !== "operator") return {};
      const { elicitation_id: id, tool, message, answers, required } = event;
      // Events that were stored before there was such a field lack it.
      const schema = { type: "object", properties: answers, required: required ?? [] };
      return { questions: [...facts.questions, { id, tool, message, schema }] };
    }
    case "elicitation.answered":
      return { questions: facts.questions.filter(({ id }) => id !== event.elicitation_id) };
    case "operator.action": {
      const { action, detail } = event;
      if (action !== "mute" && action !== "unmute") return {};
      if (detail !== "caller" && detail !== "agent") return {};
      return { muted: { ...facts.muted, [detail]: action === "mute" } };
    }
    case "call.taken_over":
      return { takenBy: event.by };
    case "call.handed_back":
      return { takenBy: null };
    case "recording.started":
      return { recording: true, recordingStarts: [...facts.recordingStarts, event.at] };
    case "recording.finished":
      return { recording: false, recordings: facts.recordings + 1 };
    case "turn.latency":
      return { latencies: [...facts.latencies, event.latency_ms] };
    case "usage": {
      const { input_text_tokens, input_audio_tokens, output_text_tokens, output_audio_tokens } =
        event;
      const used =
        input_text_tokens + input_audio_tokens + output_text_tokens + output_audio_tokens;
      return { tokens: facts.tokens + used };
    }
    case "cost":
      return { costUsd: event.usd, unpriced: event.unpriced };
    case "quality":
      return { mos: event.mos };
    default:
      return {};
  }
}

/** The median and the largest of some latencies in ms; null without any. */
export function spread(latencies: readonly number[]): { median: number; worst: number } | null {
  if (latencies.length === 0) return null;
  const sorted = latencies.toSorted((one, other) => one - other);
  const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return { median, worst: sorted.at(-1) ?? median };
}
