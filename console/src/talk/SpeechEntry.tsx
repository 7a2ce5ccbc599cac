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
  /** Without `said`, a text that is not final may still change as a whole. */
  line: { at: string; text: string; said?: number; final: boolean };
  interrupted: boolean;
  style?: CSSProperties;
}) {
  const said = line.final ? line.text.length : (line.said ?? 0);
  return (
    <Row label={speaker} at={line.at} style={style} tone={own ? "caller" : "agent"}>
      <p className={styles["speech"]} dir="auto">
        {line.text === "" && <Listening />}
        {line.text.slice(0, said)}
        <span className={styles["ahead"]}>{line.text.slice(said)}</span>
        {interrupted && (
          <>
            {" "}
            <span className={styles["interrupted"]}>interrupted, heard up to here</span>
          </>
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
