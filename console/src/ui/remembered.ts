/** A setting that the browser remembers, one value for all parts of the page that use it. */
import { useSyncExternalStore } from "react";

export class Remembered<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  /** `parse` gets what is stored, or an empty text; it must not throw. */
  constructor(
    private readonly key: string,
    parse: (stored: string) => T,
    private readonly write: (value: T) => string,
  ) {
    this.#value = parse(stored(key));
  }

  readonly get = (): T => this.#value;

  readonly set = (value: T): void => {
    this.#value = value;
    try {
      localStorage.setItem(this.key, this.write(value));
    } catch {
      // The choice then lasts as long as the page.
    }
    this.#listeners.forEach((listener) => listener());
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export function useRemembered<T>(setting: Remembered<T>): T {
  return useSyncExternalStore(setting.subscribe, setting.get);
}

function stored(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    // Storage is denied in some private windows.
    return "";
  }
}
