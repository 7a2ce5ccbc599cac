/** All calls that are live, built from the list of the records and the events since. Pure. */
import type { CallEvent, Status } from "../call/events";
import { type CallSummary, isLive } from "../call/records";

/** A tool that waits for an operator: for a yes, or for an answer. */
export interface Waiting {
  id: string;
  of: "approval" | "answer";
}

export interface LiveCall {
  id: string;
  status: Status;
  direction: "inbound" | "outbound";
  channel: string | null;
  team: string | null;
  task: string | null;
  from_number: string | null;
  to_number: string | null;
  agent: string | null;
  createdAt: string;
  startedAt: string | null;
  costUsd: number | null;
  latencyMs: number | null;
  /** What was said last, also while it is being said. */
  words: { speaker: "caller" | "agent" | "operator"; text: string; interrupted: boolean } | null;
  /** What waits for an operator. */
  waiting: readonly Waiting[];
  session: string;
  /** When it ended, in ms since the epoch; null while it lives. */
  overAt: number | null;
  reason: string | null;
  lastSequence: number;
  /** When this page first knew of it, in ms since the epoch. */
  knownAt: number;
}

export interface LiveCalls {
  calls: ReadonlyMap<string, LiveCall>;
  /** Calls that ended while this page looked: a list that was made before may still have them. */
  ended: ReadonlySet<string>;
  /** Whether the list has been seen. */
  listed: boolean;
}

export const noCalls: LiveCalls = { calls: new Map(), ended: new Set(), listed: false };

/** How long a call stays in view after its end. */
export const LINGER_MS = 8000;

/** The calls after some events. Calls that did not change are the same objects. */
export function withEvents(state: LiveCalls, events: readonly CallEvent[], now: number): LiveCalls {
  const calls = new Map(state.calls);
  let ended = state.ended;
  for (const event of events) {
    const before = calls.get(event.call_id) ?? begun(event, now);
    if (event.type === "call.ended" || isFinalStatus(event)) {
      ended = new Set(ended).add(event.call_id);
    }
    if (!before || (calls.has(before.id) && event.sequence <= before.lastSequence)) continue;
    if (state.ended.has(before.id) && !calls.has(before.id)) continue;
    calls.set(before.id, { ...before, ...changed(before, event, now), lastSequence: event.sequence });
  }
  return { ...state, calls, ended };
}

/** The calls after the list of those that are live, which was asked for at `askedAt`. */
export function withListed(
  state: LiveCalls,
  listed: readonly CallSummary[],
  askedAt: number,
): LiveCalls {
  const calls = new Map<string, LiveCall>();
  const ids = new Set(listed.map(({ id }) => id));
  for (const call of state.calls.values()) {
    if (ids.has(call.id) || call.overAt !== null || call.knownAt >= askedAt) calls.set(call.id, call);
  }
  for (const found of listed) {
    if (state.ended.has(found.id) || !isLive(found.status)) continue;
    const before = calls.get(found.id);
    const stored = {
      costUsd: found.cost_usd,
      team: found.team,
      task: found.task,
      channel: found.channel,
      direction: found.direction,
      from_number: found.from_number,
      to_number: found.to_number,
      startedAt: found.started_at,
    };
    calls.set(
      found.id,
      before
        ? {
            ...before,
            ...present(stored),
            // Events are ahead of the list.
            agent: before.agent ?? found.agent,
            costUsd: before.costUsd ?? found.cost_usd,
          }
        : {
            ...unknownCall(found.id, found.created_at, askedAt),
            ...stored,
            status: found.status,
            agent: found.agent,
          },
    );
  }
  return { calls, ended: state.ended, listed: true };
}

/** What is told by the events of a call that began before this page looked. */
export function withPast(state: LiveCalls, id: string, past: readonly CallEvent[]): LiveCalls {
  const call = state.calls.get(id);
  if (!call) return state;
  const { words, latencyMs, waiting, session } = past.reduce<LiveCall>(
    (before, event) => ({ ...before, ...changed(before, event, before.knownAt) }),
    unknownCall(id, call.createdAt, call.knownAt),
  );
  const calls = new Map(state.calls);
  calls.set(id, {
    ...call,
    words: call.words ?? words,
    latencyMs: call.latencyMs ?? latencyMs,
    waiting: [...waiting, ...call.waiting.filter(({ id }) => !waiting.some((before) => before.id === id))],
    // Of what changes again and again, the stream is ahead.
    session: call.lastSequence === 0 ? session : call.session,
  });
  return { ...state, calls };
}

/** Without those that ended a while ago. */
export function withoutOld(state: LiveCalls, now: number): LiveCalls {
  const stays = ({ overAt }: LiveCall) => overAt === null || now - overAt < LINGER_MS;
  if ([...state.calls.values()].every(stays)) return state;
  return { ...state, calls: new Map([...state.calls].filter(([, call]) => stays(call))) };
}

/** In the order of the page: newest first; the place of a call never changes. */
export function inOrder(calls: ReadonlyMap<string, LiveCall>): LiveCall[] {
  return [...calls.values()].sort(
    (one, other) => compare(other.createdAt, one.createdAt) || compare(one.id, other.id),
  );
}

/** Whether all words of a search occur in what is shown of a call. */
export function matches(call: LiveCall, search: string): boolean {
  const { from_number, to_number, agent, team, task, words } = call;
  const shown = [from_number, to_number, agent, team, task, words?.text].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => shown.replaceAll("_", " ").includes(word));
}

/** A call whose first event this is; null for an event that begins none. */
function begun(event: CallEvent, now: number): LiveCall | null {
  if (event.type === "call.started" || (event.type === "call.status" && isLive(event.status))) {
    return unknownCall(event.call_id, event.at, now);
  }
  return null;
}

function unknownCall(id: string, createdAt: string, knownAt: number): LiveCall {
  return {
    id,
    status: "in_progress",
    direction: "inbound",
    channel: null,
    team: null,
    task: null,
    from_number: null,
    to_number: null,
    agent: null,
    createdAt,
    startedAt: null,
    costUsd: null,
    latencyMs: null,
    words: null,
    waiting: [],
    session: "ready",
    overAt: null,
    reason: null,
    lastSequence: 0,
    knownAt,
  };
}

const speakers = {
  "user.transcript": "caller",
  "operator.transcript": "operator",
  "agent.transcript": "agent",
} as const;

function changed(call: LiveCall, event: CallEvent, now: number): Partial<LiveCall> {
  switch (event.type) {
    case "call.started":
      return {
        status: "in_progress",
        startedAt: event.at,
        team: event.team,
        channel: event.channel,
        direction: event.direction,
        from_number: event.from_number ?? call.from_number,
        to_number: event.to_number ?? call.to_number,
        task: event.task ?? call.task,
      };
    case "call.status":
      return {
        status: event.status,
        team: event.team,
        channel: "phone",
        direction: event.direction,
        from_number: event.from_number,
        to_number: event.to_number,
        task: event.task,
        ...(isLive(event.status) ? {} : { overAt: call.overAt ?? now, waiting: [] }),
      };
    case "call.ended":
      return { overAt: now, reason: event.reason, waiting: [] };
    case "session.state":
      return event.state === "closed" ? {} : { session: event.state };
    case "agent.changed":
      return { agent: event.to_agent };
    case "user.transcript":
    case "operator.transcript":
    case "agent.transcript": {
      if (!event.text.trim()) return {};
      const interrupted = event.type === "agent.transcript" && event.interrupted;
      return { words: { speaker: speakers[event.type], text: event.text, interrupted } };
    }
    case "turn.latency":
      return { latencyMs: event.latency_ms };
    case "cost":
      return { costUsd: event.usd };
    case "approval.requested":
      return event.of === "operator" ? { waiting: [...call.waiting, { id: event.approval_id, of: "approval" }] } : {};
    case "approval.decided":
      return { waiting: call.waiting.filter(({ id }) => id !== event.approval_id) };
    case "elicitation.requested":
      return event.of === "operator" ? { waiting: [...call.waiting, { id: event.elicitation_id, of: "answer" }] } : {};
    case "elicitation.answered":
      return { waiting: call.waiting.filter(({ id }) => id !== event.elicitation_id) };
    default:
      return {};
  }
}

function isFinalStatus(event: CallEvent): boolean {
  return event.type === "call.status" && !isLive(event.status);
}

function present<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Partial<T>;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
