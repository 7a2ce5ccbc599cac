import { useState } from "react";
import { microphoneTrouble } from "../call/trouble";
import { openMicrophone } from "../media/openMicrophone";
import type { Devices } from "../media/useDevices";
import { Button } from "../ui/Button";
import { DeviceField } from "./DeviceField";
import styles from "./MicrophoneField.module.css";

/** The choice of a microphone, and a way to have the browser name them. */
export function MicrophoneField({ microphones }: { microphones: Devices }) {
  const [refusal, setRefusal] = useState("");
  const ask = () => {
    openMicrophone().then(
      ({ track }) => {
        track.stop();
        setRefusal("");
      },
      (error: unknown) => setRefusal(microphoneTrouble(error).title),
    );
  };
  return (
    <div className={styles["field"]}>
      <DeviceField label="Microphone" devices={microphones} />
      {microphones.found === null && (
        <div className={styles["unnamed"]}>
          <p>The browser names them once it may use one.</p>
          <Button look="quiet" icon="mic" onClick={ask}>
            Allow
          </Button>
        </div>
      )}
      <p className={styles["refusal"]} role="alert">
        {refusal}
      </p>
    </div>
  );
}
