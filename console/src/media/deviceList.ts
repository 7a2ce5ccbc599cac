/** All devices of this machine as the browser tells them, read again when something changed. */
import { microphones } from "./openMicrophone";

type Listener = () => void;

/** One list for the page, for React's `useSyncExternalStore`. */
class DeviceList {
  #devices: readonly MediaDeviceInfo[] = [];
  readonly #listeners = new Set<Listener>();

  readonly subscribe = (listener: Listener): (() => void) => {
    if (this.#listeners.size === 0) this.#watch(true);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#watch(false);
    };
  };

  readonly snapshot = (): readonly MediaDeviceInfo[] => this.#devices;

  #watch(on: boolean): void {
    // Not there on pages that are neither https nor localhost.
    const devices = "mediaDevices" in navigator ? navigator.mediaDevices : null;
    if (!devices) return;
    const method = on ? "addEventListener" : "removeEventListener";
    devices[method]("devicechange", this.#look);
    microphones[method]("opened", this.#look);
    if (on) void this.#look();
  }

  readonly #look = async (): Promise<void> => {
    this.#devices = await navigator.mediaDevices.enumerateDevices();
    this.#listeners.forEach((listener) => listener());
  };
}

export const deviceList = new DeviceList();
