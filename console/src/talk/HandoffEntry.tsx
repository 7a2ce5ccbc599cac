import type { Handoff } from "../call/conversation";
import { spokenName, type Team } from "../call/team";
import { Icon } from "../ui/Icon";
import { agentHue } from "./agentHue";
import styles from "./HandoffEntry.module.css";
import { Row } from "./Row";

/** The caller was put through: from whom to whom, why, and what went along. */
export function HandoffEntry({ handoff, team }: { handoff: Handoff; team: Team | null }) {
  return (
    <Row label="Handoff" at={handoff.at} tone="event">
      <div className={styles["handoff"]}>
        <p className={styles["path"]}>
          <span style={agentHue(team, handoff.from)}>{spokenName(handoff.from)}</span>
          <Icon name="arrow" size={18} />
          <span className="visually-hidden">to</span>
          <span style={agentHue(team, handoff.to)}>{spokenName(handoff.to)}</span>
          <small>voice {handoff.voice}</small>
        </p>
        {handoff.reason && <p className={styles["reason"]} dir="auto">{handoff.reason}</p>}
        {handoff.context && handoff.context !== handoff.reason && (
          <p className={styles["context"]}>Passed on: {handoff.context}</p>
        )}
      </div>
    </Row>
  );
}
