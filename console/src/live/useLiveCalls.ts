import { useEffect, useReducer, useState } from "react";
import { ApiError } from "../access/api";
import type { CallEvent } from "../call/events";
import { type CallSummary, fetchCalls, fetchLatestEvents, LIVE } from "../call/records";
import { listenToEvents } from "./eventStream";
import {
  type LiveCalls,
  noCalls,
  withEvents,
  withListed,
  withoutOld,
  withPast,
} from "./liveCalls";

/** The list is read this often, whatever the stream says. */
const REFRESH_MS = 20_000;
const SWEEP_MS = 1000;
const PAGE = 200;
/** Of so many calls what happened until now is read at once. */
const PAST_OF = 100;

type Action =
  | { type: "events"; events: readonly CallEvent[]; now: number }
  | { type: "listed"; calls: readonly CallSummary[]; askedAt: number }
  | { type: "past"; id: string; events: readonly CallEvent[] }
  | { type: "sweep"; now: number };

function reduce(state: LiveCalls, action: Action): LiveCalls {
  switch (action.type) {
    case "events":
      return withEvents(state, action.events, action.now);
    case "listed":
      return withListed(state, action.calls, action.askedAt);
    case "past":
      return withPast(state, action.id, action.events);
    case "sweep":
      return withoutOld(state, action.now);
  }
}

export interface Live {
  state: LiveCalls;
  /** Whether the stream of events runs. */
  connected: boolean;
  /** Why the list can't be had, or empty. */
  trouble: string;
}

/** All live calls, kept up to date while the page is shown. */
export function useLiveCalls(): Live {
  const [state, dispatch] = useReducer(reduce, noCalls);
  const [connected, setConnected] = useState(false);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    // Calls whose past is known: it was read, or they began while the page looked.
    const known = new Set<string>();
    const list = async () => {
      const askedAt = Date.now();
      try {
        const calls = await everyLiveCall(abort.signal);
        dispatch({ type: "listed", calls, askedAt });
        setTrouble("");
        const past = calls.filter(({ id }) => !known.has(id));
        await readPast(past, dispatch, abort.signal);
        for (const { id } of past) known.add(id);
      } catch (error) {
        if (abort.signal.aborted || !(error instanceof ApiError)) return;
        setTrouble(error.message);
      }
    };
    const leave = listenToEvents({
      onEvents: (events) => {
        for (const { type, call_id } of events) if (type === "call.started") known.add(call_id);
        dispatch({ type: "events", events, now: Date.now() });
      },
      onGap: () => void list(),
      onConnected: (now) => {
        setConnected(now);
        // Only once events come in: what happens after the list is then in the stream.
        if (now) void list();
      },
    });
    const refresh = setInterval(() => void list(), REFRESH_MS);
    const sweep = setInterval(() => dispatch({ type: "sweep", now: Date.now() }), SWEEP_MS);
    return () => {
      abort.abort();
      leave();
      clearInterval(refresh);
      clearInterval(sweep);
    };
  }, []);
  return { state, connected, trouble };
}

async function everyLiveCall(signal: AbortSignal): Promise<CallSummary[]> {
  const query = new URLSearchParams(LIVE.map((status) => ["status", status]));
  query.set("limit", String(PAGE));
  const calls: CallSummary[] = [];
  for (;;) {
    const page = await fetchCalls(query, signal);
    calls.push(...page.calls);
    if (!page.next) return calls;
    query.set("next", page.next);
  }
}

/** What happened in calls that began before this page looked. */
async function readPast(
  calls: readonly CallSummary[],
  dispatch: (action: Action) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let first = 0; first < calls.length; first += PAST_OF) {
    const ids = calls.slice(first, first + PAST_OF).map(({ id }) => id);
    for (const [id, events] of await fetchLatestEvents(ids, signal)) dispatch({ type: "past", id, events });
  }
}
