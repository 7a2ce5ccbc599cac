import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../access/api";
import { type CallPage, type CallSummary, fetchCalls } from "../call/records";

export interface History {
  calls: readonly CallSummary[];
  loading: boolean;
  /** Whether there are older calls than these. */
  more: boolean;
  trouble: string;
  older(): void;
}

const PAGE = 50;

interface Read {
  query: string;
  calls: readonly CallSummary[];
  next: string | null;
}

/** What was read last: who comes back from a call finds the list as it was left. */
let last: Read = { query: "", calls: [], next: null };

/** Has the list read anew by the next who looks at it. */
export function forgetHistory(): void {
  last = { query: "", calls: [], next: null };
}

/** The newest page before what was read until now, which may have grown and changed since. */
export function renewed(before: Read, page: CallPage): Pick<Read, "calls" | "next"> {
  const oldest = page.calls.at(-1);
  if (page.next === null || !oldest) return page;
  const at = before.calls.findIndex(({ id }) => id === oldest.id);
  return at < 0 ? page : { calls: [...page.calls, ...before.calls.slice(at + 1)], next: before.next };
}

/** The calls that a query of `GET /api/calls` finds, newest first, and older ones on demand. */
export function useHistory(query: string): History {
  const [read, setRead] = useState<Read>(() => (last.query === query ? last : { query, calls: [], next: null }));
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
      const before = last.query === query ? last : { query, calls: [], next: null };
      try {
        const page = await fetchCalls(wanted, abort.signal);
        const now = from ? { calls: [...before.calls, ...page.calls], next: page.next } : renewed(before, page);
        last = { query, ...now };
        setRead(last);
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
  const { calls, next } = read;
  const older = useCallback(() => void load(next), [load, next]);
  return { calls, loading, more: next !== null, trouble, older };
}
