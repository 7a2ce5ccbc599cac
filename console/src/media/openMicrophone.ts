/** Opens a microphone. Who lists devices is told, since the browser names them only from then on. */

const CONSTRAINTS: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};

/** Hears `opened` each time that a microphone was opened. */
export const microphones = new EventTarget();

export interface Opened {
  track: MediaStreamTrack;
  /** As it was asked for; empty where the browser chose. */
  id: string;
}

/**
 * Opens the microphone of an id; the browser's choice without one, or where that one is not
 * connected. Throws what `getUserMedia` throws.
 */
export async function openMicrophone(wanted = ""): Promise<Opened> {
  // Browsers hide `mediaDevices` on pages that are neither https nor localhost.
  if (!("mediaDevices" in navigator)) {
    throw new DOMException("no secure context", "NotSupportedError");
  }
  const named = wanted ? await askFor(wanted) : null;
  const stream = named ?? (await ask({}));
  const [track] = stream.getAudioTracks();
  if (!track) throw new DOMException("no audio track", "NotFoundError");
  microphones.dispatchEvent(new Event("opened"));
  return { track, id: named ? wanted : "" };
}

/** `null` where it is not connected. */
async function askFor(id: string): Promise<MediaStream | null> {
  try {
    return await ask({ deviceId: { exact: id } });
  } catch (error) {
    if (!isMissing(error)) throw error;
    return null;
  }
}

function ask(which: MediaTrackConstraints): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ audio: { ...CONSTRAINTS, ...which } });
}

/** Not by class: an `OverconstrainedError` is no `Error` in every browser. */
function isMissing(error: unknown): boolean {
  const { name = "" } = error as { name?: string };
  return name === "OverconstrainedError" || name === "NotFoundError";
}
