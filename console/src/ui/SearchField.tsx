import { useEffect, useRef } from "react";
import { Icon } from "./Icon";
import styles from "./SearchField.module.css";

/** A field to search by; the key `/` leads to it. */
export function SearchField({
  value,
  onChange,
  label,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      if (event.target instanceof HTMLTextAreaElement || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", jump);
    return () => window.removeEventListener("keydown", jump);
  }, []);
  return (
    <label className={styles["search"]}>
      <Icon name="search" size={18} />
      <input
        ref={input}
        type="search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        placeholder={label}
        aria-label={label}
        maxLength={200}
        autoComplete="off"
      />
    </label>
  );
}
