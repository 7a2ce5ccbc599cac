import { memo } from "react";
import type { Entry } from "../call/conversation";
import { operatorName } from "../call/notes";
import { spokenName, type Team } from "../call/team";
import { Icon } from "../ui/Icon";
import { agentHue } from "./agentHue";
import { HandoffEntry } from "./HandoffEntry";
import { Row } from "./Row";
import { SpeechEntry } from "./SpeechEntry";
import { ToolEntry } from "./ToolEntry";
import { useFollow } from "./useFollow";
import styles from "./Transcript.module.css";

/** What a transcript needs of a recording that is played beside it. */
export interface LinePlayback {
  current: string | null;
  lines: ReadonlySet<string>;
  playLine(key: string): void;
}

function keepInView(line: HTMLElement | null): void {
  line?.scrollIntoView({ block: "nearest" });
}

/** All that was said and done, as it happens, the newest in view. */
export function Transcript({
  entries,
  team,
  waiting,
  callerName = "You",
  playback,
}: {
  entries: readonly Entry[];
  team: Team | null;
  /** What stands here before anything was said. */
  waiting: string;
  callerName?: string;
  /** The recording that the lines are played from, where there is one. */
  playback?: LinePlayback | undefined;
}) {
  const { scroller, content, following, follow } = useFollow();
  return (
    <div className={styles["frame"]}>
      {/* Focusable, so that the arrow keys scroll it. */}
      <div className={styles["scroll"]} ref={scroller} tabIndex={0} role="group" aria-label="Transcript">
        <ol className={styles["entries"]} ref={content} data-testid="transcript">
          {entries.map((entry) => (
            <li
              key={entry.key}
              data-kind={entry.kind}
              data-playable={playback?.lines.has(entry.key)}
              aria-current={playback?.current === entry.key ? "true" : undefined}
              ref={playback?.current === entry.key ? keepInView : undefined}
              onClick={() => playback?.playLine(entry.key)}
            >
              {playback?.lines.has(entry.key) && (
                <button type="button" className={styles["play"]} aria-label="Play from here">
                  <Icon name="play" size={14} />
                </button>
              )}
              <EntryView entry={entry} team={team} callerName={callerName} />
            </li>
          ))}
          {entries.length === 0 && waiting && <li className={styles["waiting"]}>{waiting}</li>}
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

/** Drawn again only when it changed: the others are the same objects as before. */
const EntryView = memo(function EntryView({
  entry,
  team,
  callerName,
}: {
  entry: Entry;
  team: Team | null;
  callerName: string;
}) {
  switch (entry.kind) {
    case "caller":
      return <SpeechEntry speaker={callerName} own line={entry} interrupted={false} />;
    case "agent":
      return (
        <SpeechEntry
          speaker={spokenName(entry.agent)}
          style={agentHue(team, entry.agent)}
          line={entry}
          interrupted={entry.interrupted}
        />
      );
    case "operator":
      return <SpeechEntry speaker={operatorName(entry.by)} line={entry} interrupted={false} />;
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
    case "note":
      return (
        <Row label={entry.label} at={entry.at} tone="event">
          <p className={styles["note"]}>{entry.text}</p>
        </Row>
      );
  }
});
