import { canChooseSpeaker } from "../media/useDevices";
import { Dialog } from "../ui/Dialog";
import { DeviceField } from "./DeviceField";
import { MicrophoneField } from "./MicrophoneField";
import styles from "./SoundDialog.module.css";
import type { Sound } from "./useSound";

/** Microphone, loudspeaker, and when one is heard. All of it works at once, also during a call. */
export function SoundDialog({ sound, onClose }: { sound: Sound; onClose: () => void }) {
  const { microphones, speakers, mode, setMode } = sound;
  return (
    <Dialog title="Sound" confirm="Done" dismiss="" onConfirm={onClose} onClose={onClose}>
      <MicrophoneField microphones={microphones} />
      {canChooseSpeaker() && speakers.found !== null && (
        <DeviceField label="Loudspeaker" devices={speakers} />
      )}
      <fieldset className={styles["modes"]}>
        <legend>You are heard</legend>
        <label>
          <input type="radio" name="mode" checked={mode === "open"} onChange={() => setMode("open")} />
          <span>
            Always, until you mute
            <small>Speak as on a telephone</small>
          </span>
        </label>
        <label>
          <input type="radio" name="mode" checked={mode === "hold"} onChange={() => setMode("hold")} />
          <span>
            Only while you hold a button
            <small>Push-to-talk: the button on the page, or the space bar</small>
          </span>
        </label>
      </fieldset>
    </Dialog>
  );
}

/** What is chosen, in a few words. */
export function soundWords({ microphones, mode }: Sound): string {
  const { found, chosen } = microphones;
  const name = found?.find(({ id }) => id === chosen)?.label ?? "The browser’s microphone";
  return mode === "hold" ? `${name}, push-to-talk` : name;
}
