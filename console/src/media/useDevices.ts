/** Which microphones and loudspeakers there are, and which one was chosen. */
import { useMemo, useSyncExternalStore } from "react";
import { Remembered, useRemembered } from "../ui/remembered";
import {
  BROWSERS_CHOICE,
  type Device,
  type DeviceChoice,
  type DeviceKind,
  inUse,
  namedDevices,
  parseChoice,
} from "./deviceChoice";
import { deviceList } from "./deviceList";

export interface Devices {
  /** A new list whenever something was connected or taken away; `null` while the browser names none. */
  found: readonly Device[] | null;
  /** The id of the one to use, empty for the browser's choice. */
  chosen: string;
  /** The name of the one that was chosen and is not connected, else empty. */
  missing: string;
  /** Chooses by id, for this call and those to come; empty leaves it to the browser. */
  choose: (id: string) => void;
}

const remember = (key: string) =>
  new Remembered<DeviceChoice>(key, parseChoice, (choice) => JSON.stringify(choice));
const microphone = remember("switchboard.microphone");
const speaker = remember("switchboard.speaker");

export function useMicrophones(): Devices {
  return useDevices("audioinput", microphone);
}

export function useSpeakers(): Devices {
  return useDevices("audiooutput", speaker);
}

/** Whether the sound of a call can be sent to another loudspeaker, whichever way it comes. */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype && "setSinkId" in AudioContext.prototype;
}

function useDevices(kind: DeviceKind, setting: Remembered<DeviceChoice>): Devices {
  const all = useSyncExternalStore(deviceList.subscribe, deviceList.snapshot);
  const choice = useRemembered(setting);
  return useMemo(() => {
    const found = namedDevices(all, kind);
    const { id, missing } = inUse(choice, found);
    return {
      found,
      chosen: id,
      missing,
      choose: (wanted) => setting.set(found?.find((device) => device.id === wanted) ?? BROWSERS_CHOICE),
    };
  }, [all, choice, kind, setting]);
}
