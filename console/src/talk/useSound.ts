import { useMemo } from "react";
import { parseMode, type SpeakingMode } from "../call/speaking";
import type { CallSound } from "../call/useCall";
import { useMicrophones, useSpeakers } from "../media/useDevices";
import { Remembered, useRemembered } from "../ui/remembered";

const speakingMode = new Remembered<SpeakingMode>("switchboard.speaking", parseMode, (mode) => mode);

export interface Sound extends CallSound {
  setMode(mode: SpeakingMode): void;
}

/** What the caller speaks and hears with, as it was chosen last. */
export function useSound(): Sound {
  const microphones = useMicrophones();
  const speakers = useSpeakers();
  const mode = useRemembered(speakingMode);
  return useMemo(
    () => ({ microphones, speakers, mode, setMode: speakingMode.set }),
    [microphones, speakers, mode],
  );
}
