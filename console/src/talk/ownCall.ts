/** The call that is made on this page, for what else the page shows meanwhile. */
import { useSyncExternalStore } from "react";

export interface OwnCall {
  /** The address of Talk at which it is made. */
  address: string;
  /** Whether it goes on; else its transcript is left. */
  running: boolean;
  /** Who has it, or empty. */
  agent: string;
  /** When it began, in ms since the epoch; null before. */
  since: number | null;
  /** Whether it has one that can be muted. */
  microphone: boolean;
  muted: boolean;
  setMuted(muted: boolean): void;
  hangUp(): void;
}

let call: OwnCall | null = null;
const listeners = new Set<() => void>();

/** Tells how the call stands; `null` where there is none. */
export function tellOwnCall(now: OwnCall | null): void {
  call = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The call as it stands; `null` where there is none. */
export function useOwnCall(): OwnCall | null {
  return useSyncExternalStore(subscribe, () => call);
}
