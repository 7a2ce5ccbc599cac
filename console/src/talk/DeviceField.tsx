import type { Devices } from "../media/useDevices";
import { Field } from "../ui/Field";
import styles from "./DeviceField.module.css";

const MISSING = "missing";

/** A choice among the devices that the browser names. */
export function DeviceField({ label, devices }: { label: string; devices: Devices }) {
  const { found, chosen, missing, choose } = devices;
  // One that was chosen, and is not named yet, is tried all the same.
  const unnamed = found === null && chosen !== "";
  return (
    <div className={styles["field"]}>
      <Field label={label}>
        <select value={missing ? MISSING : chosen} onChange={({ target }) => choose(target.value)}>
          <option value="">The browser’s choice</option>
          {missing && <option value={MISSING}>{missing}</option>}
          {unnamed && <option value={chosen}>The one of last time</option>}
          {found?.map((device) => (
            <option key={device.id} value={device.id}>
              {device.label}
            </option>
          ))}
        </select>
      </Field>
      {missing && <p>Not connected. Until it is, the browser chooses.</p>}
    </div>
  );
}
