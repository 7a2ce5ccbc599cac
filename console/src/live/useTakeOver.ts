import { useCallback, useEffect, useReducer, useRef } from "react";
import { takeOverAddresses } from "../call/addresses";
import { Line } from "../call/line";
import { handBack } from "./control";
import { notTakenOver, type TakeOverState, takeOverReducer } from "./takeOverState";

export interface TakeOver {
  state: TakeOverState;
  /** Takes the call over with a microphone, by its id; empty leaves the choice to the browser. */
  start(microphone: string): void;
  handBack(): void;
  setMuted(muted: boolean): void;
  /** The operator's and the caller's loudness now, 0 to 1. */
  levels(): { own: number; remote: number };
}

/** An operator's place in a live call, given back when the page goes elsewhere. */
export function useTakeOver(callId: string): TakeOver {
  const [state, dispatch] = useReducer(takeOverReducer, notTakenOver);
  const line = useRef<Line | null>(null);

  const start = useCallback(
    (microphone: string) => {
      if (line.current) return;
      dispatch({ type: "start" });
      const opened = new Line(
        takeOverAddresses(callId),
        {
          onCalling: () => undefined,
          onLive: (route) => dispatch({ type: "live", route }),
          onEvent: () => undefined,
          onSaid: () => undefined,
          onSound: () => undefined,
          onMicrophoneLost: (fault) => dispatch({ type: "microphone", fault }),
          onClosed: (end) => {
            if (line.current === opened) line.current = null;
            dispatch({ type: "closed", end });
          },
        },
        { microphone },
      );
      line.current = opened;
      void opened.open(true);
    },
    [callId],
  );
  const give = useCallback(() => {
    const held = line.current;
    if (!held) return;
    dispatch({ type: "return" });
    handBack(callId).then(
      () => held.hangUp(),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (line.current === held) dispatch({ type: "refused", why });
      },
    );
  }, [callId]);
  const setMuted = useCallback((muted: boolean) => {
    line.current?.setMuted(muted);
    dispatch({ type: "muted", muted });
  }, []);
  const levels = useCallback(() => line.current?.levels() ?? { own: 0, remote: 0 }, []);

  useEffect(() => {
    const leave = () => line.current?.hangUp();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      const held = line.current;
      if (!held) return;
      // Without a word the agent would say that the line has dropped.
      handBack(callId)
        .catch(() => undefined)
        .finally(() => held.hangUp());
    };
  }, [callId]);

  return { state, start, handBack: give, setMuted, levels };
}
