import type { ReactNode } from "react";
import styles from "./Field.module.css";

/** A labelled field of a form: an input, a select or a text area. */
export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className={styles["field"]}>
      <span>{label}</span>
      {children}
    </label>
  );
}
