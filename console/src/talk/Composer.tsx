import { type FormEvent, useState } from "react";
import { Icon } from "../ui/Icon";
import styles from "./Composer.module.css";

/** Typing instead of talking. */
export function Composer({
  enabled,
  onSend,
}: {
  enabled: boolean;
  onSend: (text: string) => void;
}) {
  const [text, setText] = useState("");
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
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={enabled ? "Or type here" : "Calling …"}
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
