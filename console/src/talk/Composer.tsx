import { useEffect, useRef, useState } from "react";
import { SendLine } from "../ui/SendLine";

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
  return (
    <SendLine
      input={input}
      value={text}
      label="Type instead of talking"
      placeholder={placeholder(enabled, only)}
      maxLength={2000}
      ready={enabled}
      onChange={setText}
      onSend={(typed) => {
        onSend(typed);
        setText("");
      }}
    />
  );
}

function placeholder(enabled: boolean, only: boolean): string {
  if (!enabled) return "Calling …";
  return only ? "Type, and read the answers" : "Or type here";
}
