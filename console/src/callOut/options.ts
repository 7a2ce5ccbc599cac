/** What a call out can be asked for: `OutboundOptions` of `GET /api/outbound`; and asking for it. */
import { ask } from "../access/api";
import { fetchCalls } from "../call/records";
import type { Json } from "../form/values";

export interface Options {
  /** Whom the call comes from; null where no account at a carrier is set. */
  from_number: string | null;
  /** The host of the carrier's API. */
  carrier: string;
  /** The carrier is the emulator: nobody's telephone rings. */
  dry_run: boolean;
  countries: readonly { code: string; prefix: string }[];
  quiet_hours: string;
  max_duration_s: number;
  teams: readonly { name: string; title: string }[];
  /** JSON Schema of the request. */
  request: Json;
}

export async function fetchOptions(signal?: AbortSignal): Promise<Options> {
  return (await ask("/api/outbound", signal ? { signal } : {})) as Options;
}

/** Numbers that were called lately, the last one first, each once. */
export async function recentNumbers(signal?: AbortSignal): Promise<string[]> {
  const query = new URLSearchParams({ direction: "outbound", limit: "50" });
  const { calls } = await fetchCalls(query, signal);
  const numbers = calls.map(({ to_number }) => to_number).filter((number) => number !== null);
  return [...new Set(numbers)].slice(0, RECENT);
}

const RECENT = 6;

/** Has a call placed; its id. The same key with the same request is the same call. */
export async function placeCall(request: Json, key: string): Promise<string> {
  const headers = { "Idempotency-Key": key };
  const answer = await ask("/api/calls", { method: "POST", body: request, headers });
  return (answer as { id: string }).id;
}

/** 128 random bits; `randomUUID` is for https alone. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
