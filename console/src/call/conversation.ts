/** What was said and done in a call, built from its events. Pure: no clock, no browser. */
import type {
  AgentTranscript,
  CallEvent,
  OperatorTranscript,
  SessionState,
  ToolFinished,
  UserTranscript,
} from "./events";
import { noteOf } from "./notes";

/** The caller's words. `itemId` is null while the caller speaks and no text has come yet. */
export interface CallerLine {
  kind: "caller";
  key: string;
  at: string;
  itemId: string | null;
  text: string;
  final: boolean;
  /** When the caller fell silent; null while speaking. */
  silentAt: string | null;
}

/** An agent's words; once final, what was heard of them. */
export interface AgentLine {
  kind: "agent";
  key: string;
  at: string;
  agent: string;
  text: string;
  /** How many characters of the text have been said by now; the rest is yet to be heard. */
  said: number;
  final: boolean;
  /** When it had been said; null before. */
  endedAt: string | null;
  interrupted: boolean;
}

/** The caller was given to another agent. */
export interface Handoff {
  kind: "handoff";
  key: string;
  at: string;
  from: string;
  to: string;
  voice: string;
  reason: string;
  context: string;
}

/** A tool call; `result` is null while it runs. */
export interface ToolUse {
  kind: "tool";
  key: string;
  at: string;
  agent: string;
  tool: string;
  arguments: Record<string, unknown>;
  /** What a tool that takes long last told of how far it is. */
  progress?: { done: number; total: number | null; message: string };
  result: { output: string; isError: boolean; durationMs: number } | null;
}

/** Something went wrong on the service's side, and the call went on or not. */
export interface Mishap {
  kind: "mishap";
  key: string;
  at: string;
  message: string;
  fatal: boolean;
}

/** Something that was done to the call, by the caller's keys, an operator or the carrier. */
export interface Note {
  kind: "note";
  key: string;
  at: string;
  label: string;
  text: string;
}

/** What an operator says to the caller in the agent's place. */
export interface OperatorLine {
  kind: "operator";
  key: string;
  at: string;
  /** The name of their key; empty on a caller's page. */
  by: string;
  text: string;
  final: boolean;
  /** When it had been said and written; null before. */
  endedAt: string | null;
}

export type Entry = CallerLine | AgentLine | OperatorLine | Handoff | ToolUse | Mishap | Note;

export interface Conversation {
  entries: readonly Entry[];
  /** Who has the caller. */
  agent: { name: string; voice: string } | null;
  /** The service's connection to the model; `text` while it can only write. */
  session: "connecting" | "ready" | "lost" | "text" | "failed";
  /** From the end of the caller's last words to the first sound of the answer, in ms. */
  latencyMs: number | null;
  /** Why the service says that the call ended. */
  endReason: string | null;
  callId: string;
  lastSequence: number;
}

export const emptyConversation: Conversation = {
  entries: [],
  agent: null,
  session: "connecting",
  latencyMs: null,
  endReason: null,
  callId: "",
  lastSequence: 0,
};

/** Speech that led to no transcript within this time was noise: its place is given up. */
const NOISE_AFTER_MS = 8000;

/** The conversation after `event`. An event that was seen before changes nothing. */
export function withEvent(conversation: Conversation, event: CallEvent): Conversation {
  const { call_id: callId, sequence } = event;
  if (sequence > 0 && callId === conversation.callId && sequence <= conversation.lastSequence) {
    return conversation;
  }
  const next = apply(conversation, event);
  return sequence > 0 ? { ...next, callId, lastSequence: sequence } : next;
}

function apply(conversation: Conversation, event: CallEvent): Conversation {
  switch (event.type) {
    case "session.state":
      return { ...conversation, session: sessionOf(event.state, conversation.session) };
    case "user.speech":
      return withSpeech(conversation, event.speaking, event.at);
    case "user.transcript":
      return { ...conversation, entries: withCallerText(conversation.entries, event) };
    case "agent.transcript":
      return { ...conversation, entries: withAgentText(conversation.entries, event) };
    case "operator.transcript":
      return { ...conversation, entries: withOperatorText(conversation.entries, event) };
    case "agent.changed": {
      const agent = { name: event.to_agent, voice: event.voice };
      if (event.from_agent === null) return { ...conversation, agent };
      const handoff: Handoff = {
        kind: "handoff",
        key: `handoff-${event.sequence}-${event.at}`,
        at: event.at,
        from: event.from_agent,
        to: event.to_agent,
        voice: event.voice,
        reason: event.reason,
        context: event.context,
      };
      const rest = conversation.entries.filter((entry) => !ledTo(entry, event.to_agent));
      return { ...conversation, agent, entries: [...rest, handoff] };
    }
    case "tool.called": {
      const use: ToolUse = {
        kind: "tool",
        key: `tool-${event.tool_call_id}`,
        at: event.at,
        agent: event.agent,
        tool: event.tool,
        arguments: event.arguments,
        result: null,
      };
      return { ...conversation, entries: [...conversation.entries, use] };
    }
    case "tool.finished":
      return { ...conversation, entries: withToolResult(conversation.entries, event) };
    case "tool.progress": {
      const { done, total, message } = event;
      const key = `tool-${event.tool_call_id}`;
      const entries = conversation.entries.map((entry) =>
        entry.kind === "tool" && entry.key === key ? { ...entry, progress: { done, total, message } } : entry,
      );
      return { ...conversation, entries };
    }
    case "turn.latency":
      return { ...conversation, latencyMs: event.latency_ms };
    case "call.ended":
      return {
        ...conversation,
        entries: settled(conversation.entries),
        endReason: event.reason,
      };
    case "error": {
      const mishap: Mishap = {
        kind: "mishap",
        key: `mishap-${event.sequence}-${event.at}`,
        at: event.at,
        message: event.message,
        fatal: event.fatal,
      };
      return { ...conversation, entries: [...conversation.entries, mishap] };
    }
    default: {
      const note = noteOf(event);
      return note ? { ...conversation, entries: [...conversation.entries, note] } : conversation;
    }
  }
}

function sessionOf(
  state: SessionState["state"],
  before: Conversation["session"],
): Conversation["session"] {
  switch (state) {
    case "reconnecting":
      return "lost";
    case "closed":
      return before;
    default:
      return state;
  }
}

/**
 * The caller's text arrives after the agent's answer may have begun. So the place of a line is
 * taken when the caller starts to speak, and its text is put there.
 */
function withSpeech(conversation: Conversation, speaking: boolean, at: string): Conversation {
  if (!speaking) {
    const entries = conversation.entries.map((entry) =>
      entry.kind === "caller" && entry.silentAt === null ? { ...entry, silentAt: at } : entry,
    );
    return { ...conversation, entries };
  }
  const place: CallerLine = {
    kind: "caller",
    key: `speech-${at}`,
    at,
    itemId: null,
    text: "",
    final: false,
    silentAt: null,
  };
  const entries = conversation.entries.filter(
    (entry) => !(isOpenPlace(entry) && isOlder(entry.silentAt, at, NOISE_AFTER_MS)),
  );
  return { ...conversation, entries: [...entries, place] };
}

function withCallerText(entries: readonly Entry[], event: UserTranscript): readonly Entry[] {
  let index = entries.findIndex(
    (entry) => entry.kind === "caller" && entry.itemId === event.item_id,
  );
  if (index < 0) index = entries.findIndex(isOpenPlace);
  const before = entries[index];
  if (event.final && event.text.trim() === "") {
    return before === undefined ? entries : entries.filter((entry) => entry !== before);
  }
  const text = { itemId: event.item_id, text: event.text, final: event.final };
  if (before?.kind === "caller") return entries.with(index, { ...before, ...text });
  const key = `caller-${event.item_id}`;
  return [...entries, { kind: "caller", key, at: event.at, silentAt: event.at, ...text }];
}

function withAgentText(entries: readonly Entry[], event: AgentTranscript): readonly Entry[] {
  const key = `agent-${event.item_id}`;
  const index = entries.findIndex((entry) => entry.key === key);
  const before = entries[index];
  if (event.final && event.text.trim() === "") {
    return before === undefined ? entries : entries.filter((entry) => entry !== before);
  }
  const line: AgentLine = {
    kind: "agent",
    key,
    at: before?.at ?? event.at,
    agent: event.agent,
    text: event.text,
    said: event.final ? event.text.length : before?.kind === "agent" ? before.said : 0,
    final: event.final,
    endedAt: event.final ? event.at : null,
    interrupted: event.interrupted,
  };
  const after = before === undefined ? [...entries, line] : entries.with(index, line);
  // A whole reply after it, and still no transcript: there will be none.
  return line.final
    ? after.filter((entry) => !(isOpenPlace(entry) && isOlder(entry.silentAt, line.at, 0)))
    : after;
}

function withOperatorText(entries: readonly Entry[], event: OperatorTranscript): readonly Entry[] {
  const key = `operator-${event.item_id}`;
  const index = entries.findIndex((entry) => entry.key === key);
  const { by, text, final } = event;
  const at = entries[index]?.at ?? event.at;
  const line: OperatorLine = { kind: "operator", key, at, by, text, final, endedAt: final ? event.at : null };
  return index < 0 ? [...entries, line] : entries.with(index, line);
}

/** The next words of the line that is being played: lines are played in their order. */
export function withSaid(conversation: Conversation, words: string): Conversation {
  const { entries } = conversation;
  const index = entries.findIndex((entry) => entry.kind === "agent" && !entry.final);
  const line = entries[index];
  if (line?.kind !== "agent") return conversation;
  const said = line.said + words.length;
  return { ...conversation, entries: entries.with(index, { ...line, said }) };
}

/** The handoff says all that the transfer tool's call did, so that gives way to it. */
function ledTo(entry: Entry, agent: string): boolean {
  return (
    entry.kind === "tool" &&
    entry.tool === `transfer_to_${agent}` &&
    entry.result?.isError !== true
  );
}

function withToolResult(entries: readonly Entry[], event: ToolFinished): readonly Entry[] {
  const key = `tool-${event.tool_call_id}`;
  return entries.map((entry) =>
    entry.kind === "tool" && entry.key === key
      ? {
          ...entry,
          result: {
            output: event.output,
            isError: event.is_error,
            durationMs: event.duration_ms,
          },
        }
      : entry,
  );
}

/** Nothing is being said any more. */
function settled(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter((entry) => !isOpenPlace(entry));
}

function isOpenPlace(entry: Entry): entry is CallerLine {
  return entry.kind === "caller" && entry.itemId === null;
}

function isOlder(at: string | null, now: string, ms: number): boolean {
  return at !== null && Date.parse(now) - Date.parse(at) > ms;
}
