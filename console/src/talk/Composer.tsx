import { type FormEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../ui/Icon";
import styles from "./Composer.module.css";

/** Typing instead of talking. */
export function Composer({
  enabled,
  only,
  onSend,
}: {
  enabled: boolean;
  /** Whether nothing but typing works: the field is made ready for it. */
  only: boolean;
  onSend: (text: string) => void;
}) {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (only) input.current?.focus();
  }, [only]);
  const ready = enabled && text.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    onSend(text.trim());
    setText("");
  };
  return (
    <form className={styles["composer"]} onSubmit={submit}>
      <input
        ref={input}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={placeholder(enabled, only)}
        aria-label="Type instead of talking"
        maxLength={2000}
        enterKeyHint="send"
        autoComplete="off"
      />
      <button type="submit" aria-label="Send" disabled={!ready}>
        <Icon name="send" />
      </button>
    </form>
  );
}

function placeholder(enabled: boolean, only: boolean): string {
  if (!enabled) return "Calling …";
  return only ? "Type, and read the answers" : "Or type here";
}
