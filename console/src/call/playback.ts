/** Where in a recording the lines of a conversation are. Pure. */
import type { Entry } from "./conversation";

/** `PeaksView` of `GET /api/calls/{call_id}/recording/peaks`. */
export interface Peaks {
  duration_s: number;
  /** Peaks in a second. */
  per_s: number;
  /** 0 to 100. */
  caller: readonly number[];
  agent: readonly number[];
}

/** A line of the conversation, in seconds of the recording. */
export interface Span {
  key: string;
  from: number;
  to: number;
}

/** Speech is louder than this, noise of a line is not: per cent of the scale. */
const SPEECH = 4;
/** A silence that ends one's turn rather than a word. */
const PAUSE_S = 1;

/** Whose channel a line is in: an operator is heard in the agent's place. */
const CHANNELS = { caller: "caller", agent: "agent", operator: "agent" } as const;

/**
 * When each line was spoken, by when it is known to have ended and by the audio itself: of an agent's
 * words only their end is kept, of an operator's when they had been written. `began` is when the
 * recording did, in ms.
 */
export function spansOf(entries: readonly Entry[], began: number, peaks: Peaks): Span[] {
  const spans: Span[] = [];
  const before = { caller: 0, agent: 0 };
  for (const entry of entries) {
    if (entry.kind !== "caller" && entry.kind !== "agent" && entry.kind !== "operator") continue;
    const channel = CHANNELS[entry.kind];
    // Of the caller both are known; an agent's text comes before its voice.
    const said = (Date.parse(entry.at) - began) / 1000;
    const ended = entry.kind === "caller" ? entry.silentAt : entry.endedAt;
    const to = Math.min(ended ? Math.max((Date.parse(ended) - began) / 1000, said) : said, peaks.duration_s);
    if (!(to > 0)) continue;
    const from = entry.kind === "caller" && to > said ? Math.max(0, said) : beginningOf(peaks[channel], peaks.per_s, before[channel], to);
    before[channel] = to;
    spans.push({ key: entry.key, from, to });
  }
  return spans;
}

/** The line that is heard at a moment: the last one that had begun. */
export function spanAt(spans: readonly Span[], seconds: number): Span | null {
  let found: Span | null = null;
  for (const span of spans) {
    if (span.from <= seconds && (!found || span.from >= found.from)) found = span;
  }
  return found;
}

/** Going back from the end over speech and its short pauses, but not beyond `earliest`. */
function beginningOf(side: readonly number[], perS: number, earliest: number, end: number): number {
  const first = Math.ceil(earliest * perS);
  let begin = Math.min(side.length, Math.ceil(end * perS)) - 1;
  while (begin > first && (side[begin] ?? 0) < SPEECH) begin -= 1;
  let silence = 0;
  for (let at = begin; at >= first && silence < PAUSE_S * perS; at -= 1) {
    if ((side[at] ?? 0) >= SPEECH) {
      begin = at;
      silence = 0;
    } else silence += 1;
  }
  return Math.max(earliest, begin / perS);
}

/** Peaks for a drawing `columns` wide: the largest of those that fall into each. */
export function columnsOf(side: readonly number[], columns: number): number[] {
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * side.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * side.length) / columns));
    return side.slice(from, to).reduce((largest, peak) => Math.max(largest, peak), 0);
  });
}
