import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../access/api";
import { type CallSummary, fetchCalls } from "../call/records";

export interface History {
  calls: readonly CallSummary[];
  loading: boolean;
  /** Whether there are older calls than these. */
  more: boolean;
  trouble: string;
  older(): void;
}

const PAGE = 50;

/** The calls that a query of `GET /api/calls` finds, newest first, and older ones on demand. */
export function useHistory(query: string): History {
  const [calls, setCalls] = useState<readonly CallSummary[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [trouble, setTrouble] = useState("");
  const running = useRef<AbortController | null>(null);

  const load = useCallback(
    async (from: string | null) => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      setLoading(true);
      setTrouble("");
      const wanted = new URLSearchParams(query);
      wanted.set("limit", String(PAGE));
      if (from) wanted.set("next", from);
      try {
        const page = await fetchCalls(wanted, abort.signal);
        setCalls((before) => (from ? [...before, ...page.calls] : page.calls));
        setNext(page.next);
      } catch (error) {
        if (abort.signal.aborted || !(error instanceof ApiError)) return;
        setTrouble(error.message);
      }
      if (!abort.signal.aborted) setLoading(false);
    },
    [query],
  );
  useEffect(() => {
    void load(null);
    return () => running.current?.abort();
  }, [load]);
  const older = useCallback(() => void load(next), [load, next]);
  return { calls, loading, more: next !== null, trouble, older };
}
