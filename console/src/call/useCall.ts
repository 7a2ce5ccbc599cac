import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "react";
import type { Devices } from "../media/useDevices";
import { talkAddresses } from "./addresses";
import { callReducer, type CallState, noCall } from "./callState";
import { Line } from "./line";
import { isHeard, type SpeakingMode } from "./speaking";
import type { Wanted } from "./team";

/** What the caller speaks and hears with; all of it may change during a call. */
export interface CallSound {
  microphones: Devices;
  speakers: Devices;
  mode: SpeakingMode;
}

export interface Call {
  state: CallState;
  /** Whether what the microphone hears is sent. */
  heard: boolean;
  start(options: { microphone: boolean }): void;
  hangUp(): void;
  setMuted(muted: boolean): void;
  /** With push-to-talk, whether the caller holds the button. */
  setHeld(held: boolean): void;
  /** The caller has read what happened to the microphone. */
  forgetFault(): void;
  sendText(text: string): void;
  /** The caller's and the agent's loudness now, 0 to 1. */
  levels(): { own: number; remote: number };
}

/** One call at a time with who is wanted, hung up when the page goes away. */
export function useCall({ team, agent, voice = "" }: Wanted, sound: CallSound): Call {
  const [state, dispatch] = useReducer(callReducer, noCall);
  const line = useRef<Line | null>(null);
  const { microphones, speakers, mode } = sound;
  const latest = useRef(sound);
  useLayoutEffect(() => {
    latest.current = sound;
  });

  const start = useCallback(({ microphone }: { microphone: boolean }) => {
    line.current?.hangUp();
    dispatch({ type: "start", microphone });
    const { current } = latest;
    const opened = new Line(
      talkAddresses({ team, agent, voice }),
      {
        onCalling: () => dispatch({ type: "calling" }),
        onLive: (route) => dispatch({ type: "live", route, now: Date.now() }),
        onEvent: (event) => dispatch({ type: "event", event }),
        onSaid: (words) => dispatch({ type: "said", words }),
        onSound: (arrives) => dispatch({ type: "sound", arrives }),
        onMicrophoneLost: (fault) => dispatch({ type: "fault", fault }),
        onClosed: (end) => {
          if (line.current === opened) line.current = null;
          dispatch({ type: "closed", end, now: Date.now() });
        },
      },
      {
        microphone: current.microphones.chosen,
        speaker: current.speakers.chosen,
        muted: !isHeard(current.mode, noCall),
      },
    );
    line.current = opened;
    void opened.open(microphone);
  }, [team, agent, voice]);
  const hangUp = useCallback(() => line.current?.hangUp(), []);
  const setMuted = useCallback((muted: boolean) => dispatch({ type: "muted", muted }), []);
  const setHeld = useCallback((held: boolean) => {
    // At once: a page that is being hidden may draw nothing more.
    if (!held && latest.current.mode === "hold") line.current?.setMuted(true);
    dispatch({ type: "held", held });
  }, []);
  const forgetFault = useCallback(() => dispatch({ type: "fault", fault: null }), []);
  const sendText = useCallback((text: string) => line.current?.sendText(text), []);
  const levels = useCallback(() => line.current?.levels() ?? { own: 0, remote: 0 }, []);

  const heard = isHeard(mode, state);
  useLayoutEffect(() => line.current?.setMuted(!heard), [heard]);

  // Also when devices come and go: one that was taken away may be back.
  const { chosen, found, choose } = microphones;
  useEffect(() => {
    const opened = line.current;
    if (!opened) return;
    void opened.setMicrophone(chosen).then((change) => {
      if (!change || opened !== line.current) return;
      if (change.used !== chosen) choose(change.used);
      dispatch({ type: "fault", fault: change.fault });
    });
  }, [chosen, found, choose]);
  useEffect(() => line.current?.setSpeaker(speakers.chosen), [speakers.chosen]);

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

  return { state, heard, start, hangUp, setMuted, setHeld, forgetFault, sendText, levels };
}
