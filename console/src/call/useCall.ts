import { useCallback, useEffect, useReducer, useRef } from "react";
import { talkAddresses } from "./addresses";
import { callReducer, type CallState, noCall } from "./callState";
import { Line } from "./line";
import type { Wanted } from "./team";

export interface Call {
  state: CallState;
  start(options: { microphone: boolean }): void;
  hangUp(): void;
  setMuted(muted: boolean): void;
  sendText(text: string): void;
  /** The caller's and the agent's loudness now, 0 to 1. */
  levels(): { own: number; remote: number };
}

/** One call at a time with who is wanted, hung up when the page goes away. */
export function useCall({ team, agent, voice = "" }: Wanted): Call {
  const [state, dispatch] = useReducer(callReducer, noCall);
  const line = useRef<Line | null>(null);

  const start = useCallback(({ microphone }: { microphone: boolean }) => {
    line.current?.hangUp();
    dispatch({ type: "start", microphone });
    const opened = new Line(talkAddresses({ team, agent, voice }), {
      onCalling: () => dispatch({ type: "calling" }),
      onLive: (route) => dispatch({ type: "live", route, now: Date.now() }),
      onEvent: (event) => dispatch({ type: "event", event }),
      onSaid: (words) => dispatch({ type: "said", words }),
      onSound: (arrives) => dispatch({ type: "sound", arrives }),
      onClosed: (end) => {
        if (line.current === opened) line.current = null;
        dispatch({ type: "closed", end, now: Date.now() });
      },
    });
    line.current = opened;
    void opened.open(microphone);
  }, [team, agent, voice]);
  const hangUp = useCallback(() => line.current?.hangUp(), []);
  const setMuted = useCallback((muted: boolean) => {
    line.current?.setMuted(muted);
    dispatch({ type: "muted", muted });
  }, []);
  const sendText = useCallback((text: string) => line.current?.sendText(text), []);
  const levels = useCallback(() => line.current?.levels() ?? { own: 0, remote: 0 }, []);

  useEffect(() => {
    window.addEventListener("pagehide", hangUp);
    return () => {
      window.removeEventListener("pagehide", hangUp);
      hangUp();
    };
  }, [hangUp]);

  // Somebody else's page: a call with those before is over.
  useEffect(
    () => () => {
      hangUp();
      dispatch({ type: "left" });
    },
    [team, agent, hangUp],
  );

  return { state, start, hangUp, setMuted, sendText, levels };
}
