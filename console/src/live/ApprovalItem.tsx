import type { Approval } from "../call/facts";
import { inBrief } from "../talk/toolText";
import { Button } from "../ui/Button";
import { decide } from "./control";
import { useOrder } from "./useOrder";
import styles from "./Waiting.module.css";

/** A dangerous tool that waits for an operator's yes. */
export function ApprovalItem({
  callId,
  approval: { id, tool, arguments: values },
  mayDecide,
}: {
  callId: string;
  approval: Approval;
  mayDecide: boolean;
}) {
  const { give, busy, refusal } = useOrder();
  const answer = (approve: boolean) => void give(() => decide(callId, id, approve));
  return (
    <li className={styles["item"]}>
      <div className={styles["what"]} role="alert">
        <strong>
          <code>{tool}</code> waits for your yes
        </strong>
        <p dir="auto">{inBrief(values)}</p>
      </div>
      {mayDecide && (
        <div className={styles["buttons"]}>
          <Button look="quiet" icon="cross" disabled={busy} onClick={() => answer(false)}>
            Deny
          </Button>
          <Button look="primary" icon="check" disabled={busy} onClick={() => answer(true)}>
            Approve
          </Button>
        </div>
      )}
      {refusal && <p className={styles["refusal"]}>{refusal}</p>}
    </li>
  );
}
