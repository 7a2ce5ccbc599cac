import { useState } from "react";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Icon } from "../ui/Icon";
import styles from "./CallDetails.module.css";
import { pressKeys, record } from "./control";

/** What an operator does to a live call now and then: its recording, and keys for a machine that asks for some. */
export function MoreActions({ callId, recording, phone }: { callId: string; recording: boolean; phone: boolean }) {
  const [asking, setAsking] = useState(false);
  const [keys, setKeys] = useState("");
  const [refusal, setRefusal] = useState("");
  const act = (action: Promise<void>) => {
    setRefusal("");
    action.catch((error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)));
  };
  return (
    <div className={styles["keeping"]}>
      <button type="button" onClick={() => act(record(callId, recording ? "stop" : "start"))}>
        <Icon name={recording ? "stop" : "recordDot"} size={18} />
        {recording ? "Stop the recording" : "Record"}
      </button>
      {phone && (
        <button type="button" onClick={() => setAsking(true)}>
          <Icon name="keyboard" size={18} />
          Press keys
        </button>
      )}
      {refusal && <p role="alert">{refusal}</p>}
      {asking && (
        <Dialog
          title="Press keys"
          confirm="Press"
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            setKeys("");
            act(pressKeys(callId, keys));
          }}
        >
          <p>The other side hears their tones, behind what is being said.</p>
          <Field label="Keys (w waits for half a second)">
            <input
              value={keys}
              onChange={({ target }) => setKeys(target.value.replaceAll(/\s/g, ""))}
              pattern="[0-9*#w]+"
              title="Digits, * and #, such as 1w2#"
              maxLength={32}
              inputMode="tel"
              autoComplete="off"
              required
            />
          </Field>
        </Dialog>
      )}
    </div>
  );
}
