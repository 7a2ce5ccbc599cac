import type { CSSProperties } from "react";
import { Row } from "./Row";
import styles from "./SpeechEntry.module.css";

/** Words of one side: as they come, then as they were heard. */
export function SpeechEntry({
  speaker,
  own = false,
  line,
  interrupted,
  style,
}: {
  speaker: string;
  own?: boolean;
  line: { at: string; text: string; final: boolean };
  interrupted: boolean;
  style?: CSSProperties;
}) {
  return (
    <Row label={speaker} at={line.at} style={style} tone={own ? "caller" : "agent"}>
      <p className={styles["speech"]} data-final={line.final}>
        {line.text || <Listening />}
        {interrupted && (
          <span className={styles["interrupted"]}>interrupted, heard up to here</span>
        )}
      </p>
    </Row>
  );
}

function Listening() {
  return (
    <span className={styles["listening"]} role="img" aria-label="Speaking">
      <i />
      <i />
      <i />
    </span>
  );
}
