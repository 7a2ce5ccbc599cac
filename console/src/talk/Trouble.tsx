import { canTypeInstead, type Trouble as TroubleOf } from "../call/trouble";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import styles from "./Trouble.module.css";

/** Says why there is no call and what to do about it. */
export function Trouble({
  trouble,
  onTypeInstead,
}: {
  trouble: TroubleOf;
  onTypeInstead: () => void;
}) {
  return (
    <div className={styles["trouble"]} role="alert">
      <Icon name="alert" />
      <div className={styles["words"]}>
        <strong>{trouble.title}</strong>
        <p>{trouble.advice}</p>
      </div>
      {canTypeInstead(trouble) && (
        <Button look="quiet" icon="keyboard" onClick={onTypeInstead}>
          Type instead
        </Button>
      )}
    </div>
  );
}
