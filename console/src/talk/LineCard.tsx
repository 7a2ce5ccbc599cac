import { useRef } from "react";
import { clock, type Tone } from "../call/callState";
import { spokenName, type Team } from "../call/team";
import { seconds } from "../call/wording";
import { agentHue } from "./agentHue";
import { useLevels } from "./useLevels";
import { useNow } from "./useNow";
import styles from "./LineCard.module.css";

/** Who is on the line, how the connection is, and how loud both sides are. */
export function LineCard({
  team,
  agent,
  live,
  since,
  until,
  status,
  tone,
  latencyMs,
  labels,
  levels,
}: {
  team: Team | null;
  agent: { name: string; voice: string } | null;
  live: boolean;
  /** When the call began and ended, in ms since the epoch; null for not yet. */
  since: number | null;
  until: number | null;
  status: string;
  tone: Tone;
  latencyMs: number | null;
  labels: { own: string; remote: string };
  levels: () => { own: number; remote: number };
}) {
  const now = useNow(live);
  const meters = useRef<HTMLDivElement>(null);
  useLevels(meters, levels, live);
  const lasted = since === null ? 0 : ((until ?? now) - since) / 1000;
  return (
    <div
      className={styles["card"]}
      style={agent ? agentHue(team, agent.name) : undefined}
      data-live={live}
    >
      <div className={styles["who"]}>
        <span className={styles["badge"]} aria-hidden="true">
          {agent ? initials(agent.name) : "–"}
        </span>
        <div className={styles["names"]}>
          <h2 className={styles["agent"]} data-testid="agent" title={agent ? spokenName(agent.name) : undefined}>
            {agent ? spokenName(agent.name) : "\u00a0"}
          </h2>
          <p className={styles["voice"]}>{agent?.voice ? `Voice ${agent.voice}` : "\u00a0"}</p>
        </div>
        <time className={styles["clock"]} role="timer" aria-label="Length of the call">
          {clock(lasted)}
        </time>
      </div>
      <p className={styles["status"]} data-testid="status">
        <span className={styles["dot"]} data-tone={tone} aria-hidden="true" />
        {status}
      </p>
      <div className={styles["meters"]} ref={meters} aria-hidden="true">
        <Meter side="own" label={labels.own} />
        <Meter side="remote" label={labels.remote} />
      </div>
      <p className={styles["latency"]}>
        {latencyMs === null ? "\u00a0" : `Last answer after ${seconds(latencyMs)}`}
      </p>
    </div>
  );
}

/** How loud a side is; `useLevels` moves it. */
export function Meter({ side, label }: { side: "own" | "remote"; label: string }) {
  return (
    <div className={styles["meter"]} data-side={side}>
      <span>{label}</span>
      <span className={styles["track"]}>
        <span className={styles["fill"]} />
      </span>
    </div>
  );
}

function initials(name: string): string {
  const words = name.split(/[_-]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");
}
