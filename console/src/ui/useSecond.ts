import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function idle(): () => void {
  return () => undefined;
}

/** The time in ms, renewed each second while `running`; one beat for all that show it. */
export function useSecond(running: boolean): number {
  return useSyncExternalStore(running ? subscribe : idle, () => now);
}
