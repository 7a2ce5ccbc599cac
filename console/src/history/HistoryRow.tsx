import { memo } from "react";
import { Link } from "../app/Link";
import { clock } from "../call/callState";
import { type CallSummary, isLive } from "../call/records";
import { spokenName, type Team } from "../call/team";
import { moment, money, otherSide, reasonWords, statusName } from "../call/wording";
import { agentHue } from "../talk/agentHue";
import styles from "./HistoryRow.module.css";

/** One call of the list. */
export const HistoryRow = memo(function HistoryRow({ call, team }: { call: CallSummary; team: Team | null }) {
  const live = isLive(call.status);
  return (
    <Link className={styles["row"]} href={`/${live ? "live" : "history"}/${call.id}`} data-testid="history-call">
      <time className={styles["when"]} dateTime={call.created_at}>
        {moment(call.created_at)}
      </time>
      <span className={styles["who"]}>
        {call.direction === "outbound" && <span className={styles["out"]}>to </span>}
        {otherSide(call)}
      </span>
      <span className={styles["agent"]} style={call.agent ? agentHue(team, call.agent) : undefined}>
        {call.agent ? spokenName(call.agent) : call.task ? spokenName(call.task) : "–"}
      </span>
      <span className={styles["about"]} dir="auto">
        {aboutOf(call)}
      </span>
      <span className={styles["status"]} data-tone={toneOf(call)}>
        {statusName(call.status)}
      </span>
      <span className={styles["cost"]}>{money(call.cost_usd)}</span>
      <span className={styles["length"]}>{call.duration_s === null ? "" : clock(call.duration_s)}</span>
    </Link>
  );
});

function aboutOf({ summary, intent, outcome, reason, status }: CallSummary): string {
  if (summary) return summary;
  const known = [intent, outcome && spokenName(outcome)].filter(Boolean).join(" · ");
  return known || (isLive(status) ? "" : reasonWords(reason));
}

function toneOf({ status }: CallSummary): string {
  if (isLive(status)) return "good";
  return status === "completed" || status === "canceled" ? "off" : "bad";
}
