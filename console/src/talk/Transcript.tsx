import type { Stage } from "../call/callState";
import type { Entry } from "../call/conversation";
import { spokenName, type Team } from "../call/team";
import { Icon } from "../ui/Icon";
import { agentHue } from "./agentHue";
import { HandoffEntry } from "./HandoffEntry";
import { Row } from "./Row";
import { SpeechEntry } from "./SpeechEntry";
import { ToolEntry } from "./ToolEntry";
import { useFollow } from "./useFollow";
import styles from "./Transcript.module.css";

/** All that was said and done, as it happens, the newest in view. */
export function Transcript({
  entries,
  team,
  stage,
}: {
  entries: readonly Entry[];
  team: Team | null;
  stage: Stage;
}) {
  const { scroller, content, following, follow } = useFollow();
  return (
    <div className={styles["frame"]}>
      {/* Focusable, so that the arrow keys scroll it. */}
      <div className={styles["scroll"]} ref={scroller} tabIndex={0} role="group" aria-label="Transcript">
        <ol className={styles["entries"]} ref={content} data-testid="transcript">
          {entries.map((entry) => (
            <li key={entry.key} data-kind={entry.kind}>
              <EntryView entry={entry} team={team} />
            </li>
          ))}
          {entries.length === 0 && stage !== "over" && (
            <li className={styles["waiting"]}>Waiting for the agent to speak …</li>
          )}
        </ol>
      </div>
      {!following && (
        <button type="button" className={styles["latest"]} onClick={follow}>
          <Icon name="down" size={16} />
          Latest
        </button>
      )}
    </div>
  );
}

function EntryView({ entry, team }: { entry: Entry; team: Team | null }) {
  switch (entry.kind) {
    case "caller":
      return <SpeechEntry speaker="You" own line={entry} interrupted={false} />;
    case "agent":
      return (
        <SpeechEntry
          speaker={spokenName(entry.agent)}
          style={agentHue(team, entry.agent)}
          line={entry}
          interrupted={entry.interrupted}
        />
      );
    case "handoff":
      return <HandoffEntry handoff={entry} team={team} />;
    case "tool":
      return <ToolEntry use={entry} />;
    case "mishap":
      return (
        <Row label="Trouble" at={entry.at} tone="event">
          <p className={styles["mishap"]}>
            <Icon name="alert" size={18} />
            {entry.message}
          </p>
        </Row>
      );
  }
}
