import { memo } from "react";
import { Link } from "../app/Link";
import { clock } from "../call/callState";
import { spokenName, type Team } from "../call/team";
import { money, otherSide, reasonWords, seconds, statusName } from "../call/wording";
import { agentHue } from "../talk/agentHue";
import { useSecond } from "../ui/useSecond";
import type { LiveCall } from "./liveCalls";
import styles from "./LiveRow.module.css";

/** Of the last words, this many characters fill the place also where it is wide. */
const SHOWN = 400;

/** One call of the list; drawn again only when it changed. */
export const LiveRow = memo(function LiveRow({ call, team }: { call: LiveCall; team: Team | null }) {
  const over = call.overAt !== null;
  return (
    <Link
      className={styles["row"]}
      href={`/live/${call.id}`}
      data-over={over}
      data-waiting={call.waiting.length > 0}
      data-testid="live-call"
    >
      <span className={styles["who"]}>
        <span className={styles["lamp"]} data-state={lampOf(call)} aria-hidden="true" />
        <span className={styles["number"]}>{otherSide(call)}</span>
        <span className={styles["kind"]}>{kindWords(call)}</span>
      </span>
      <span className={styles["agent"]} style={call.agent ? agentHue(team, call.agent) : undefined}>
        {call.agent ? spokenName(call.agent) : "–"}
      </span>
      <span className={styles["words"]}>
        <LastWords call={call} />
      </span>
      <span className={styles["figure"]} data-of="latency">
        {seconds(call.latencyMs) || "–"}
      </span>
      <span className={styles["figure"]} data-of="cost">
        {money(call.costUsd) || "–"}
      </span>
      <Time call={call} />
    </Link>
  );
});

function LastWords({ call }: { call: LiveCall }) {
  if (call.waiting.length > 0) {
    const kinds = new Set(call.waiting.map(({ of }) => `an ${of}`));
    return <strong>Waits for {[...kinds].join(" and ")}</strong>;
  }
  if (call.overAt !== null) return <em>{reasonWords(call.reason) || statusName(call.status)}</em>;
  if (call.session === "lost" || call.session === "reconnecting") {
    return <em>The agent’s line dropped, reconnecting</em>;
  }
  if (!call.words) return <em>{call.status === "in_progress" ? "Nothing said yet" : "Not answered yet"}</em>;
  const { speaker, text, interrupted } = call.words;
  return (
    <>
      {speaker !== "agent" && <b>{speaker === "caller" ? "Caller" : "Operator"}: </b>}
      {/* The end is what is new: of what is too long for the place, it is seen. */}
      <span className={styles["said"]}>
        <span dir="auto">
          {text.slice(-SHOWN)}
          {interrupted && " –"}
        </span>
      </span>
    </>
  );
}

function Time({ call }: { call: LiveCall }) {
  const now = useSecond(call.overAt === null);
  const since = Date.parse(call.startedAt ?? call.createdAt);
  return (
    <span className={styles["figure"]} data-of="time" role="timer">
      {clock(((call.overAt ?? now) - since) / 1000)}
    </span>
  );
}

function lampOf({ overAt, status, session }: LiveCall): string {
  if (overAt !== null) return "off";
  if (session === "failed") return "bad";
  return status === "in_progress" && (session === "ready" || session === "connecting") ? "good" : "busy";
}

function kindWords({ direction, status, team, task }: LiveCall): string {
  const what = task ?? team;
  const state = status === "in_progress" ? (direction === "outbound" ? "Outbound" : "") : statusName(status);
  return [state, what && spokenName(what)].filter(Boolean).join(" · ");
}
