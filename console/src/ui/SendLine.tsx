import type { FormEvent, RefObject } from "react";
import { Icon } from "./Icon";
import styles from "./SendLine.module.css";

/** A line of text to type, and the button beside it that sends it. */
export function SendLine({
  value,
  label,
  placeholder = label,
  maxLength,
  ready,
  disabled = false,
  input,
  onChange,
  onSend,
}: {
  value: string;
  /** What the line is for, to those who don't see it. */
  label: string;
  placeholder?: string;
  maxLength: number;
  /** Whether it can be sent now. */
  ready: boolean;
  /** Whether nothing can be typed. */
  disabled?: boolean;
  input?: RefObject<HTMLInputElement | null>;
  onChange: (value: string) => void;
  /** Gets what was typed, without blanks around it; never nothing. */
  onSend: (text: string) => void;
}) {
  const text = value.trim();
  const sendable = ready && text !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (sendable) onSend(text);
  };
  return (
    <form className={styles["line"]} onSubmit={submit}>
      <input
        ref={input}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        placeholder={placeholder}
        aria-label={label}
        maxLength={maxLength}
        disabled={disabled}
        enterKeyHint="send"
        autoComplete="off"
      />
      <button type="submit" aria-label="Send" disabled={!sendable}>
        <Icon name="send" />
      </button>
    </form>
  );
}
