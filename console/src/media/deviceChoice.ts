/** Which microphone or loudspeaker is used, of those that are connected. Pure: the hook feeds it. */

export interface Device {
  id: string;
  label: string;
}

/** What was chosen once; an empty id leaves it to the browser. */
export type DeviceChoice = Device;

export const BROWSERS_CHOICE: DeviceChoice = { id: "", label: "" };

export type DeviceKind = "audioinput" | "audiooutput";

/** Other names of one of the rest, which follows the system's settings. */
const ALIASES = new Set(["default", "communications"]);

/**
 * The devices of a kind, or `null` while the browser names none: it does once a page may use the
 * microphone, and before hides their ids too.
 */
export function namedDevices(
  all: readonly Pick<MediaDeviceInfo, "kind" | "deviceId" | "label">[],
  kind: DeviceKind,
): readonly Device[] | null {
  const audio = all.filter((device) => device.kind.startsWith("audio"));
  if (audio.length === 0 || audio.some(({ label }) => !label)) return null;
  return audio
    .filter((device) => device.kind === kind && device.deviceId && !ALIASES.has(device.deviceId))
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/**
 * The id to use, empty for the browser's choice, and the name of the one that was chosen and is
 * not connected, else empty. The name finds a device whose id the browser has changed meanwhile.
 */
export function inUse(
  choice: DeviceChoice,
  found: readonly Device[] | null,
): { id: string; missing: string } {
  if (!choice.id || !found) return { id: choice.id, missing: "" };
  const same =
    found.find(({ id }) => id === choice.id) ?? found.find(({ label }) => label === choice.label);
  return same ? { id: same.id, missing: "" } : { id: "", missing: choice.label };
}

/** A choice as it is stored; anything else is the browser's. */
export function parseChoice(stored: string): DeviceChoice {
  try {
    const { id, label } = JSON.parse(stored) as Partial<Record<keyof Device, unknown>>;
    if (typeof id === "string" && typeof label === "string") return { id, label };
  } catch {
    // Not ours, or of another version.
  }
  return BROWSERS_CHOICE;
}
