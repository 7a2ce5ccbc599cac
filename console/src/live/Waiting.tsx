import { useState } from "react";
import type { Approval } from "../call/facts";
import { inBrief } from "../talk/toolText";
import { Button } from "../ui/Button";
import { decide } from "./control";
import styles from "./Approvals.module.css";

/** Dangerous tools that wait for an operator's yes. */
export function Approvals({
  callId,
  approvals,
  mayDecide,
}: {
  callId: string;
  approvals: readonly Approval[];
  mayDecide: boolean;
}) {
  const [refusal, setRefusal] = useState("");
  if (approvals.length === 0) return null;
  const answer = (id: string, approve: boolean) => {
    setRefusal("");
    decide(callId, id, approve).catch((error: unknown) => {
      setRefusal(error instanceof Error ? error.message : String(error));
    });
  };
  return (
    <div className={styles["approvals"]} role="alert">
      <ul>
        {approvals.map(({ id, tool, arguments: values }) => (
        <li key={id}>
          <div className={styles["what"]}>
            <strong>
              <code>{tool}</code> waits for your yes
            </strong>
            <p>{inBrief(values)}</p>
          </div>
          {mayDecide && (
            <div className={styles["buttons"]}>
              <Button look="quiet" icon="cross" onClick={() => answer(id, false)}>
                Deny
              </Button>
              <Button look="primary" icon="check" onClick={() => answer(id, true)}>
                Approve
              </Button>
            </div>
          )}
        </li>
      ))}
      </ul>
      {refusal && <p className={styles["refusal"]}>{refusal}</p>}
    </div>
  );
}
