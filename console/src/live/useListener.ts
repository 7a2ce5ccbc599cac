import { useCallback, useEffect, useRef, useState } from "react";
import { CallListener } from "./listener";

export interface Listening {
  /** Whether its sound is played here. */
  playing: boolean;
  /** Why it can't be, or empty. */
  trouble: string;
  toggle(): void;
  levels(): { own: number; remote: number };
}

/** Follows the sound of a call while it is live. */
export function useListener(callId: string, live: boolean): Listening {
  const listener = useRef<CallListener | null>(null);
  const [playing, setPlaying] = useState(false);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    if (!live) return;
    const opened = new CallListener(callId);
    listener.current = opened;
    return () => {
      listener.current = null;
      opened.close();
      setPlaying(false);
    };
  }, [callId, live]);
  const toggle = useCallback(() => {
    const heard = listener.current;
    if (!heard) return;
    setTrouble("");
    if (playing) {
      setPlaying(false);
      void heard.silence();
      return;
    }
    setPlaying(true);
    heard.play().catch((error: unknown) => {
      setPlaying(false);
      void heard.silence();
      setTrouble(error instanceof Error ? error.message : String(error));
    });
  }, [playing]);
  const levels = useCallback(() => listener.current?.levels() ?? { own: 0, remote: 0 }, []);
  return { playing, trouble, toggle, levels };
}
