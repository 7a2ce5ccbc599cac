import { useEffect, useReducer, useState } from "react";
import { ApiError } from "../access/api";
import type { CallEvent } from "../call/events";
import { type CallSummary, fetchCalls, fetchEvents, LIVE } from "../call/records";
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
/** Of so many calls that were live before, what happened until then is read. */
const REMEMBERED = 40;
const AT_ONCE = 4;

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
    let remembered = false;
    const list = async () => {
      const askedAt = Date.now();
      try {
        const calls = await everyLiveCall(abort.signal);
        dispatch({ type: "listed", calls, askedAt });
        setTrouble("");
        if (!remembered) {
          remembered = true;
          await readPast(calls.slice(0, REMEMBERED), dispatch, abort.signal);
        }
      } catch (error) {
        if (abort.signal.aborted || !(error instanceof ApiError)) return;
        setTrouble(error.message);
      }
    };
    const leave = listenToEvents({
      onEvents: (events) => dispatch({ type: "events", events, now: Date.now() }),
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
  const left = [...calls];
  const worker = async () => {
    for (let call = left.shift(); call && !signal.aborted; call = left.shift()) {
      dispatch({ type: "past", id: call.id, events: await fetchEvents(call.id, 0, signal) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
