import { useCallback, useEffect, useReducer, useState } from "react";
import { ApiError } from "../access/api";
import type { CallEvent } from "../call/events";
import { type CallRecord, fetchCall, fetchEvents, isLive } from "../call/records";
import { type CallView, noView, withCallEvents, withRecord } from "./callView";
import { listenToEvents } from "./eventStream";

/** The record is read this often, whatever the stream says. */
const REFRESH_MS = 10_000;
/** A call that has ended still gets a recording and a summary for a while. */
const AFTERMATH_MS = 90_000;
const NEW_FACTS = new Set(["call.ended", "call.status", "recording.finished", "call.summary"]);

type Action =
  | { type: "record"; record: CallRecord }
  | { type: "events"; events: readonly CallEvent[] }
  | { type: "loaded"; events: readonly CallEvent[] };

function reduce(view: CallView, action: Action): CallView {
  switch (action.type) {
    case "record":
      return withRecord(view, action.record);
    case "events":
      return withCallEvents(view, action.events);
    case "loaded":
      return { ...withCallEvents(view, action.events), loaded: true };
  }
}

/** One call, from its beginning and on as it happens. */
export function useCallView(callId: string): { view: CallView; trouble: ApiError | null } {
  const [view, dispatch] = useReducer(reduce, noView);
  const [trouble, setTrouble] = useState<ApiError | null>(null);
  const { status, record } = view;
  const endedAt = Date.parse(view.facts.endedAt ?? record?.ended_at ?? "");
  const settled = record !== null && !isLive(status) && Date.now() - endedAt > AFTERMATH_MS;

  const refresh = useCallback(
    async (signal: AbortSignal) => {
      try {
        dispatch({ type: "record", record: await fetchCall(callId, signal) });
        setTrouble(null);
      } catch (error) {
        if (!signal.aborted && error instanceof ApiError) setTrouble(error);
      }
    },
    [callId],
  );

  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    void refresh(signal);
    // What happens while the past is being read waits until that was shown.
    let early: CallEvent[] | null = [];
    let seen = 0;
    const load = async () => {
      early ??= [];
      try {
        const past = await fetchEvents(callId, seen, signal);
        seen = past.at(-1)?.sequence ?? seen;
        dispatch({ type: "loaded", events: [...past, ...(early ?? [])] });
        early = null;
      } catch (error) {
        if (!signal.aborted && error instanceof ApiError) setTrouble(error);
      }
    };
    void load();
    const leave = listenToEvents({
      onEvents: (events) => {
        const own = events.filter((event) => event.call_id === callId);
        if (own.length === 0) return;
        if (early) {
          early.push(...own);
          return;
        }
        seen = Math.max(seen, own.at(-1)?.sequence ?? 0);
        dispatch({ type: "events", events: own });
        if (own.some(({ type }) => NEW_FACTS.has(type))) void refresh(signal);
      },
      onGap: () => void load(),
      onConnected: (connected) => {
        if (connected) void load();
      },
    });
    return () => {
      abort.abort();
      leave();
    };
  }, [callId, refresh]);

  useEffect(() => {
    if (settled) return;
    const abort = new AbortController();
    const timer = setInterval(() => void refresh(abort.signal), REFRESH_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [refresh, settled]);

  return { view, trouble };
}
