/**
 * What happens in all calls, as it happens: one stream per tab, however many parts look at it.
 *
 * The browser comes back by itself after a dropped connection, with the id of the last event, and
 * the service replays what was missed. Events are handed on in batches, one per frame.
 */
import { ApiError, ask } from "../access/api";
import { asCallEvent, type CallEvent } from "../call/events";

export interface StreamListener {
  onEvents(events: readonly CallEvent[]): void;
  /** Something may have been missed that the stream does not replay: look at the whole again. */
  onGap(): void;
  onConnected(connected: boolean): void;
}

const PATH = "/api/events";
const RETRY_MS = 2000;
/** For tabs that draw no frames. */
const HIDDEN_BATCH_MS = 1000;

const listeners = new Set<StreamListener>();
let source: EventSource | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;
let lastId = "";
let connected = false;
let opened = 0;
let batch: CallEvent[] = [];
let frame = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Listens until the function that is returned is called. */
export function listenToEvents(listener: StreamListener): () => void {
  listeners.add(listener);
  if (source) {
    if (connected) listener.onConnected(true);
  } else {
    open();
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) close();
  };
}

function open(): void {
  clearTimeout(retry);
  const from = lastId ? `?after=${lastId}` : "";
  const stream = new EventSource(PATH + from);
  source = stream;
  stream.onopen = () => {
    opened += 1;
    became(true);
    if (opened > 1) for (const listener of listeners) listener.onGap();
  };
  stream.onmessage = ({ data, lastEventId }: MessageEvent<string>) => {
    lastId = lastEventId;
    const event = asCallEvent(JSON.parse(data));
    if (event) collect(event);
  };
  stream.addEventListener("missed", () => {
    for (const listener of listeners) listener.onGap();
  });
  stream.onerror = () => {
    became(false);
    // Closed is for good: the service refused, or is starting. The browser does not say which.
    if (stream.readyState !== EventSource.CLOSED || source !== stream) return;
    retry = setTimeout(() => void comeBack(stream), RETRY_MS);
  };
}

async function comeBack(stream: EventSource): Promise<void> {
  try {
    await ask("/api/session");
  } catch (error) {
    // A 401 has led to the sign-in by now, and back from there the stream is opened anew.
    if (error instanceof ApiError && error.status === 401) return;
  }
  if (source === stream) open();
}

function close(): void {
  source?.close();
  source = null;
  opened = 0;
  lastId = "";
  batch = [];
  connected = false;
  clearTimeout(retry);
  clearTimeout(timer);
  cancelAnimationFrame(frame);
  frame = 0;
}

function became(now: boolean): void {
  if (connected === now) return;
  connected = now;
  for (const listener of listeners) listener.onConnected(now);
}

function collect(event: CallEvent): void {
  batch.push(event);
  if (batch.length > 1) return;
  frame = requestAnimationFrame(flush);
  timer = setTimeout(flush, HIDDEN_BATCH_MS);
}

function flush(): void {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  const events = batch;
  batch = [];
  if (events.length > 0) for (const listener of listeners) listener.onEvents(events);
}
