import { useEffect, useState } from "react";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";

/** Asks before an agent is silenced, and for the microphone to speak with. */
export function TakeOverDialog({
  onTakeOver,
  onClose,
}: {
  onTakeOver: (microphone: string) => void;
  onClose: () => void;
}) {
  const microphones = useMicrophones();
  const [chosen, setChosen] = useState("");
  return (
    <Dialog title="Take over this call?" confirm="Take over" onConfirm={() => onTakeOver(chosen)} onClose={onClose}>
      <p>
        The agent stops where it is, and the caller hears you in its place. It follows what is said, and goes on when
        you hand the call back.
      </p>
      <Field label="Microphone">
        <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <option value="">The browser’s choice</option>
          {microphones.map(({ deviceId, label }) => (
            <option key={deviceId} value={deviceId}>
              {label}
            </option>
          ))}
        </select>
      </Field>
    </Dialog>
  );
}

/** Those that the browser names: all of them once it may use one. */
function useMicrophones(): readonly MediaDeviceInfo[] {
  const [found, setFound] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    // Not there on pages that are neither https nor localhost.
    const devices = "mediaDevices" in navigator ? navigator.mediaDevices : null;
    if (!devices) return;
    let gone = false;
    const look = async () => {
      const all = await devices.enumerateDevices();
      const named = all.filter(({ kind, label, deviceId }) => kind === "audioinput" && label && deviceId);
      if (!gone) setFound(named);
    };
    void look();
    devices.addEventListener("devicechange", look);
    return () => {
      gone = true;
      devices.removeEventListener("devicechange", look);
    };
  }, []);
  return found;
}
