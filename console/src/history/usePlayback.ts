import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, ask } from "../access/api";
import type { Entry } from "../call/conversation";
import { type Peaks, spanAt, spansOf } from "../call/playback";
import { callPath } from "../call/records";

export interface Playback {
  audio: RefObject<HTMLAudioElement | null>;
  source: string;
  peaks: Peaks | null;
  trouble: string;
  /** Of several recordings of a call, from 0. */
  part: number;
  parts: number;
  setPart(part: number): void;
  playing: boolean;
  toggle(): void;
  /** In seconds of the recording. */
  position: number;
  seek(seconds: number): void;
  /** The key of the line that is heard; null before any. */
  current: string | null;
  /** Plays a line; those that are not in the recording are not in `lines`. */
  playLine(key: string): void;
  lines: ReadonlySet<string>;
}

/** A call's recordings, played, and the lines of its conversation in them. */
export function usePlayback(callId: string, parts: number, starts: readonly string[], entries: readonly Entry[]): Playback {
  const audio = useRef<HTMLAudioElement>(null);
  const [part, setPart] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [position, setPosition] = useState(0);
  const { peaks, trouble } = usePeaks(callId, part, parts > 0);
  const began = Date.parse(starts[part] ?? "");
  const spans = useMemo(
    () => (peaks && !Number.isNaN(began) ? spansOf(entries, began, peaks) : []),
    [entries, began, peaks],
  );
  const lines = useMemo(() => new Set(spans.map(({ key }) => key)), [spans]);

  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    const moved = () => setPosition(element.currentTime);
    const changed = () => setPlaying(!element.paused);
    const events: [string, () => void][] = [
      ["timeupdate", moved],
      ["seeking", moved],
      ["play", changed],
      ["pause", changed],
      ["ended", changed],
    ];
    for (const [name, hear] of events) element.addEventListener(name, hear);
    return () => {
      for (const [name, hear] of events) element.removeEventListener(name, hear);
    };
  }, [parts]);

  const seek = useCallback((seconds: number) => {
    if (!audio.current) return;
    audio.current.currentTime = seconds;
    setPosition(seconds);
  }, []);
  const toggle = useCallback(() => {
    const element = audio.current;
    if (element?.paused) void element.play().catch(() => undefined);
    else element?.pause();
  }, []);
  const playLine = useCallback(
    (key: string) => {
      const span = spans.find((each) => each.key === key);
      if (!span) return;
      seek(span.from);
      void audio.current?.play().catch(() => undefined);
    },
    [spans, seek],
  );
  return {
    audio,
    source: `${callPath(callId)}/recording?part=${part + 1}`,
    peaks,
    trouble,
    part,
    parts,
    setPart,
    playing,
    toggle,
    position,
    seek,
    current: playing || position > 0 ? (spanAt(spans, position)?.key ?? null) : null,
    playLine,
    lines,
  };
}

function usePeaks(callId: string, part: number, wanted: boolean): { peaks: Peaks | null; trouble: string } {
  const [found, setFound] = useState<{ peaks: Peaks | null; trouble: string }>({ peaks: null, trouble: "" });
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    setFound({ peaks: null, trouble: "" });
    ask(`${callPath(callId)}/recording/peaks?part=${part + 1}`, { signal: abort.signal }).then(
      (peaks) => setFound({ peaks: peaks as Peaks, trouble: "" }),
      (error: unknown) => {
        if (!abort.signal.aborted && error instanceof ApiError) setFound({ peaks: null, trouble: error.message });
      },
    );
    return () => abort.abort();
  }, [callId, part, wanted]);
  return found;
}
