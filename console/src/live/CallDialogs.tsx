import { useState } from "react";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import type { Transfer } from "./control";

/** Asks before a call is ended, and for what to say before. */
export function EndDialog({
  talking,
  onEnd,
  onClose,
}: {
  talking: boolean;
  onEnd: (farewell: string) => void;
  onClose: () => void;
}) {
  const [farewell, setFarewell] = useState("");
  return (
    <Dialog
      title={talking ? "End this call?" : "Cancel this call?"}
      confirm={talking ? "End the call" : "Cancel the call"}
      dismiss={talking ? "Cancel" : "Let it ring"}
      danger
      onConfirm={() => onEnd(farewell.trim())}
      onClose={onClose}
    >
      <p>
        {talking
          ? "The caller hears what is being said to its end, and your farewell. Then the line is closed."
          : "It stops ringing at the other side."}
      </p>
      {talking && (
        <Field label="Farewell (optional)">
          <input value={farewell} onChange={(event) => setFarewell(event.target.value)} maxLength={1000} />
        </Field>
      )}
    </Dialog>
  );
}

/** Asks whom to connect the caller to, and how. */
export function TransferDialog({
  onTransfer,
  onClose,
}: {
  onTransfer: (wanted: Transfer) => void;
  onClose: () => void;
}) {
  const [wanted, setWanted] = useState<Transfer>({ to: "", kind: "warm", summary: "" });
  const change = (part: Partial<Transfer>) => setWanted({ ...wanted, ...part });
  return (
    <Dialog title="Transfer the caller" confirm="Transfer" onConfirm={() => onTransfer(wanted)} onClose={onClose}>
      <Field label="Number (empty: the team’s)">
        <input
          type="tel"
          value={wanted.to}
          onChange={(event) => change({ to: event.target.value.replaceAll(/[\s()-]/g, "") })}
          pattern="\+[1-9][0-9]{6,14}"
          title="With country code, such as +14155550177"
          placeholder="+14155550177"
          autoComplete="off"
        />
      </Field>
      <Field label="How">
        <select value={wanted.kind} onChange={(event) => change({ kind: event.target.value as Transfer["kind"] })}>
          <option value="warm">Warm: told first, takes it by 1</option>
          <option value="blind">Blind: connected at once</option>
        </select>
      </Field>
      {wanted.kind === "warm" && (
        <Field label="Summary for the person">
          <textarea rows={3} maxLength={600} value={wanted.summary} onChange={(event) => change({ summary: event.target.value })} />
        </Field>
      )}
    </Dialog>
  );
}
