import { useRef } from "react";
import { clock, statusTone, statusWords } from "../call/callState";
import { spokenName, type Team } from "../call/team";
import type { Call } from "../call/useCall";
import { agentHue } from "./agentHue";
import { useLevels } from "./useLevels";
import { useNow } from "./useNow";
import styles from "./LineCard.module.css";

/** Who is on the line, how the connection is, and how loud both sides are. */
export function LineCard({ call, team }: { call: Call; team: Team | null }) {
  const { state, levels } = call;
  const { agent, latencyMs } = state.conversation;
  const live = state.stage === "live";
  const now = useNow(live);
  const meters = useRef<HTMLDivElement>(null);
  useLevels(meters, levels, live);

  const seconds = state.liveAt === null ? 0 : ((state.overAt ?? now) - state.liveAt) / 1000;
  const shown = agent ?? firstAgent(team);
  return (
    <div
      className={styles["card"]}
      style={shown ? agentHue(team, shown.name) : undefined}
      data-live={live}
    >
      <div className={styles["who"]}>
        <span className={styles["badge"]} aria-hidden="true">
          {shown ? initials(shown.name) : "–"}
        </span>
        <div className={styles["names"]}>
          <h2 className={styles["agent"]} data-testid="agent">
            {shown ? spokenName(shown.name) : "\u00a0"}
          </h2>
          <p className={styles["voice"]}>{shown ? `Voice ${shown.voice}` : "\u00a0"}</p>
        </div>
        <time className={styles["clock"]} role="timer" aria-label="Length of the call">
          {clock(seconds)}
        </time>
      </div>
      <p className={styles["status"]} data-testid="status">
        <span className={styles["dot"]} data-tone={statusTone(state)} aria-hidden="true" />
        {statusWords(state)}
      </p>
      <div className={styles["meters"]} ref={meters} aria-hidden="true">
        <Meter side="own" label={meterLabel(state.microphone, state.muted)} />
        <Meter side="remote" label="Agent" />
      </div>
      <p className={styles["latency"]}>
        {latencyMs === null ? "\u00a0" : `Last answer after ${(latencyMs / 1000).toFixed(1)} s`}
      </p>
    </div>
  );
}

function Meter({ side, label }: { side: "own" | "remote"; label: string }) {
  return (
    <div className={styles["meter"]} data-side={side}>
      <span>{label}</span>
      <span className={styles["track"]}>
        <span className={styles["fill"]} />
      </span>
    </div>
  );
}

function meterLabel(microphone: boolean, muted: boolean): string {
  if (!microphone) return "You type";
  return muted ? "You, muted" : "You";
}

function firstAgent(team: Team | null): { name: string; voice: string } | null {
  return team?.agents[0] ?? null;
}

function initials(name: string): string {
  const words = name.split(/[_-]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");
}
