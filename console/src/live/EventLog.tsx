import { memo, useEffect, useRef, useState } from "react";
import { ApiError } from "../access/api";
import { clock } from "../call/callState";
import type { CallEvent } from "../call/events";
import { fetchEvents } from "../call/records";
import { inBrief } from "../talk/toolText";
import styles from "./EventLog.module.css";

/** A call that talks has events all the time: they are read together. */
const REST_MS = 1500;

/** Every stored event of a call, read when it is opened and on as they come. */
export function EventLog({ callId, began, newest }: { callId: string; began: string; newest: number }) {
  const [open, setOpen] = useState(false);
  const { events, trouble } = useEvents(callId, open, newest);
  return (
    <details className={styles["log"]} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Events</summary>
      {trouble && <p role="alert">{trouble}</p>}
      <ol data-testid="events">
        {events.map((event) => (
          <Line key={event.sequence} event={event} began={began} />
        ))}
      </ol>
    </details>
  );
}

const Line = memo(function Line({ event, began }: { event: CallEvent; began: string }) {
  const { type, at, call_id: _call, sequence: _sequence, ...rest } = event as CallEvent & Record<string, unknown>;
  return (
    <li>
      <details>
        <summary>
          <time dateTime={at}>{clock((Date.parse(at) - Date.parse(began)) / 1000)}</time>
          <code>{type}</code>
          <span dir="auto">{Object.keys(rest).length > 0 && inBrief(rest)}</span>
        </summary>
        <pre tabIndex={0}>{JSON.stringify(event, null, 2)}</pre>
      </details>
    </li>
  );
});

function useEvents(callId: string, open: boolean, newest: number): { events: readonly CallEvent[]; trouble: string } {
  const [events, setEvents] = useState<readonly CallEvent[]>([]);
  const [trouble, setTrouble] = useState("");
  const happened = useRef(newest);
  happened.current = newest;
  const seen = useRef(0);
  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    let until = -1;
    let busy = false;
    const read = async () => {
      if (busy || until === happened.current) return;
      busy = true;
      until = happened.current;
      try {
        const found = await fetchEvents(callId, seen.current, abort.signal);
        seen.current = found.at(-1)?.sequence ?? seen.current;
        if (found.length > 0) setEvents((before) => [...before, ...found]);
        setTrouble("");
      } catch (error) {
        if (!abort.signal.aborted && error instanceof ApiError) setTrouble(error.message);
      } finally {
        busy = false;
      }
    };
    void read();
    const timer = setInterval(() => void read(), REST_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [callId, open]);
  return { events, trouble };
}
