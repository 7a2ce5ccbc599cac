import type { Facts } from "../call/facts";
import { ApprovalItem } from "./ApprovalItem";
import { QuestionItem } from "./QuestionItem";
import styles from "./Waiting.module.css";

/** What waits for an operator: dangerous tools for a yes, and tools that ask something. */
export function Waiting({
  callId,
  facts: { approvals, questions },
  mayOperate,
}: {
  callId: string;
  facts: Facts;
  mayOperate: boolean;
}) {
  if (approvals.length + questions.length === 0) return null;
  return (
    // Focusable, so that the arrow keys scroll it.
    <div className={styles["waiting"]} tabIndex={0} role="group" aria-label="Waits for an operator">
      <ul>
        {approvals.map((approval) => (
          <ApprovalItem key={approval.id} callId={callId} approval={approval} mayDecide={mayOperate} />
        ))}
        {questions.map((question) => (
          <QuestionItem key={question.id} callId={callId} question={question} mayAnswer={mayOperate} />
        ))}
      </ul>
    </div>
  );
}
