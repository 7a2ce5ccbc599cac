/** Calls as the records have them: `CallSummary` and `CallRecord` of `GET /api/calls`. */
import { ask } from "../access/api";
import { asCallEvent, type CallEvent, type Status } from "./events";

export interface CallSummary {
  id: string;
  status: Status;
  reason: string | null;
  outcome: string | null;
  direction: "inbound" | "outbound";
  channel: string | null;
  team: string | null;
  task: string | null;
  /** Who has the caller, or had it last. */
  agent: string | null;
  from_number: string | null;
  to_number: string | null;
  intent: string | null;
  summary: string | null;
  cost_usd: number | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  duration_s: number | null;
}

export interface CallRecord extends CallSummary {
  transcript: readonly { speaker: string; agent: string | null; text: string; interrupted: boolean }[];
  latency: { turns: number; p50_ms: number | null; p95_ms: number | null; max_ms: number | null };
  recording: { file: string; available: boolean; duration_s: number | null } | null;
  missed_events: number;
}

export interface CallPage {
  calls: readonly CallSummary[];
  next: string | null;
}

export const LIVE: readonly Status[] = ["initiated", "ringing", "in_progress"];

export function isLive(status: Status): boolean {
  return LIVE.includes(status);
}

export function callPath(callId: string): string {
  return `/api/calls/${encodeURIComponent(callId)}`;
}

/** A page of calls, newest first. */
export async function fetchCalls(query: URLSearchParams, signal?: AbortSignal): Promise<CallPage> {
  return (await ask(`/api/calls?${query}`, signal ? { signal } : {})) as CallPage;
}

export async function fetchCall(callId: string, signal?: AbortSignal): Promise<CallRecord> {
  return (await ask(callPath(callId), signal ? { signal } : {})) as CallRecord;
}

/** The newest stored events of some calls, by the call; of 100 calls at most. */
export async function fetchLatestEvents(
  callIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CallEvent[]>> {
  const query = new URLSearchParams(callIds.map((id) => ["call_id", id]));
  const { calls } = (await ask(`/api/calls/events?${query}`, { signal })) as { calls: Record<string, unknown[]> };
  const known = (events: unknown[]) => events.map(asCallEvent).filter((event) => event !== null);
  return new Map(Object.entries(calls).map(([id, events]) => [id, known(events)]));
}

const PAGE = 1000;

/** The stored events of a call with a sequence above `after`. */
export async function fetchEvents(
  callId: string,
  after: number,
  signal?: AbortSignal,
): Promise<CallEvent[]> {
  const events: CallEvent[] = [];
  for (let from = after; ; ) {
    const path = `${callPath(callId)}/events?limit=${PAGE}&after=${from}`;
    const page = (await ask(path, signal ? { signal } : {})) as { events: unknown[]; next: number };
    events.push(...page.events.map(asCallEvent).filter((event) => event !== null));
    if (page.events.length < PAGE) return events;
    from = page.next;
  }
}
