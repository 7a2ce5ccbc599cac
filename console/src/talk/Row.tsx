import type { CSSProperties, ReactNode } from "react";
import styles from "./Row.module.css";

/** A row of the transcript: who or what in the margin, the rest beside it. */
export function Row({
  label,
  at,
  style,
  tone,
  children,
}: {
  label: string;
  at: string;
  style?: CSSProperties | undefined;
  tone: "caller" | "agent" | "event";
  children: ReactNode;
}) {
  return (
    <div className={styles["row"]} style={style} data-tone={tone}>
      <div className={styles["margin"]}>
        <span className={styles["label"]}>{label}</span>
        <time className={styles["time"]} dateTime={at}>
          {timeOfDay(at)}
        </time>
      </div>
      <div className={styles["body"]}>{children}</div>
    </div>
  );
}

const format = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

function timeOfDay(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : format.format(date);
}
