import { type ReactNode, useId } from "react";
import fieldStyles from "../ui/Field.module.css";
import styles from "./SchemaFields.module.css";

/** A form as far as its fields need it. Paths are dotted names such as `task.questions.0.key`. */
export interface Form {
  valueAt(path: string): unknown;
  set(path: string, value: unknown): void;
  /** What is wrong with a field, once it was left or the form was sent; empty otherwise. */
  mistakeAt(path: string): string;
  leave(path: string): void;
}

interface Control {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string;
  "aria-required": boolean;
  onBlur: () => void;
  "data-path": string;
}

/** A label, a control, what it is for, and what is wrong with it. */
export function FormRow({
  field: { label, hint, required },
  form,
  path,
  wide = false,
  children,
}: {
  field: { label: string; hint: ReactNode; required: boolean };
  form: Form;
  path: string;
  wide?: boolean;
  children: (control: Control) => ReactNode;
}) {
  const id = useId();
  const mistake = form.mistakeAt(path);
  return (
    <div className={`${fieldStyles["field"]} ${styles["row"]}`} data-wide={wide}>
      <label htmlFor={id}>
        {label}
        {!required && <span> (optional)</span>}
      </label>
      {children({
        id,
        "aria-invalid": mistake !== "",
        "aria-describedby": `${id}-says`,
        "aria-required": required,
        onBlur: () => form.leave(path),
        "data-path": path,
      })}
      <Says id={`${id}-says`} hint={hint} mistake={mistake} />
    </div>
  );
}

/** What a field is for, or what is wrong with it. */
export function Says({ id, hint, mistake }: { id?: string; hint: ReactNode; mistake: string }) {
  return (
    <p id={id} className={styles["says"]} data-wrong={mistake !== ""}>
      {mistake || hint}
    </p>
  );
}
