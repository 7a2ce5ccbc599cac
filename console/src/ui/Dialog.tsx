import { type FormEvent, type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { Button } from "./Button";
import styles from "./Dialog.module.css";

/**
 * Asks before something is done; Escape and the first button leave it undone. Where what is in it
 * takes effect as it is changed there is nothing to leave undone.
 */
export function Dialog({
  title,
  children,
  confirm,
  dismiss = "Cancel",
  danger = false,
  onConfirm,
  onClose,
}: {
  title: string;
  children: ReactNode;
  /** What the button that does it says. */
  confirm: string;
  /** What the one that leaves it says; empty for none. */
  dismiss?: string;
  danger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Closed while it is still in the page: only then does the focus go back to where it was.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form onSubmit={submit}>
        <h2 id={heading}>{title}</h2>
        {children}
        <div className={styles["buttons"]}>
          {dismiss && (
            <Button look="quiet" onClick={onClose}>
              {dismiss}
            </Button>
          )}
          <Button look={danger ? "danger" : "primary"} type="submit">
            {confirm}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
