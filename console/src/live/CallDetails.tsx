import { useState } from "react";
import { useMay } from "../access/session";
import { navigate } from "../app/router";
import { clock } from "../call/callState";
import { type Facts, spread } from "../call/facts";
import { type CallRecord, callPath, isLive } from "../call/records";
import { spokenName, type Team } from "../call/team";
import { count, decimal, moment, money, reasonWords, seconds, statusName, valueText } from "../call/wording";
import { forgetHistory } from "../history/useHistory";
import { agentHue } from "../talk/agentHue";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import styles from "./CallDetails.module.css";
import type { CallView } from "./callView";
import { erase } from "./control";
import { EventLog } from "./EventLog";
import { MoreActions } from "./MoreActions";

/** What is known of a call besides its transcript. */
export function CallDetails({
  view: { facts, status, conversation },
  record,
  team,
}: {
  view: CallView;
  record: CallRecord;
  team: Team | null;
}) {
  const over = !isLive(status);
  const mayOperate = useMay("operate");
  return (
    <div className={styles["details"]}>
      {record.summary && (
        <section>
          <h2>Summary</h2>
          <p dir="auto">{record.summary}</p>
        </section>
      )}
      {facts.turns.length > 0 && <Timeline facts={facts} team={team} />}
      {Object.keys(facts.data).length > 0 && (
        <section>
          <h2>Data</h2>
          <dl className={styles["pairs"]}>
            {Object.entries(facts.data).map(([name, value]) => (
              <div key={name}>
                <dt>{spokenName(name)}</dt>
                <dd dir="auto">{valueText(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <Figures facts={facts} record={record} status={status} />
      <EventLog
        callId={record.id}
        began={facts.startedAt ?? record.created_at}
        newest={conversation.lastSequence}
      />
      {mayOperate && status === "in_progress" && (
        <MoreActions callId={record.id} recording={facts.recording} phone={record.channel === "phone"} />
      )}
      <Keeping callId={record.id} over={over} />
    </div>
  );
}

function Timeline({ facts, team }: { facts: Facts; team: Team | null }) {
  const begin = Date.parse(facts.startedAt ?? facts.turns[0]?.at ?? "");
  return (
    <section>
      <h2>Agents</h2>
      <ol className={styles["timeline"]} data-testid="timeline">
        {facts.turns.map((turn, index) => {
          const current = facts.endedAt === null && index === facts.turns.length - 1;
          return (
            <li
              key={turn.at}
              style={agentHue(team, turn.agent)}
              aria-current={current ? "true" : undefined}
            >
              <span className={styles["lamp"]} aria-hidden="true" />
              <span className={styles["agent"]}>{spokenName(turn.agent)}</span>
              <time dateTime={turn.at}>{clock((Date.parse(turn.at) - begin) / 1000)}</time>
              {turn.reason && <p dir="auto">{turn.reason}</p>}
              {turn.context && turn.context !== turn.reason && (
                <p className={styles["context"]}>Passed on: {turn.context}</p>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Figures({
  facts,
  record,
  status,
}: {
  facts: Facts;
  record: CallRecord;
  status: CallView["status"];
}) {
  const latency = spread(facts.latencies);
  // What is not known yet has its place: a row that appears moves those below it.
  const unknown = isLive(status) ? "–" : "";
  const rows: [name: string, value: string][] = [
    ["Status", [statusName(status), reasonWords(record.reason)].filter(Boolean).join(", ")],
    ["Outcome", record.outcome ? spokenName(record.outcome) : ""],
    ["Intent", record.intent ?? ""],
    ["Began", moment(record.created_at)],
    ["From", record.from_number ?? ""],
    ["To", record.to_number ?? ""],
    ["By", [spokenName(record.channel ?? ""), record.direction].filter(Boolean).join(", ")],
    ["Team", record.team ? spokenName(record.team) : ""],
    ["Task", record.task ? spokenName(record.task) : ""],
    ["Cost", costWords(facts, record) || unknown],
    ["Answers", latency ? `${seconds(latency.median)} median, ${seconds(latency.worst)} at most` : unknown],
    ["Tokens", facts.tokens ? count(facts.tokens) : unknown],
    ["Line", facts.mos ? `${decimal(facts.mos)} of ${decimal(4.5)} (MOS)` : ""],
    ["Recording", facts.recording ? "Running" : ""],
    ["Id", record.id],
    ["Missed", record.missed_events ? `${record.missed_events} events` : ""],
  ];
  return (
    <section>
      <h2>Call</h2>
      <dl className={styles["pairs"]}>
        {rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function costWords({ costUsd, unpriced }: Facts, { cost_usd }: CallRecord): string {
  const cost = money(costUsd ?? cost_usd);
  return cost && unpriced.length > 0 ? `${cost} without ${unpriced.join(", ")}` : cost;
}

/** Takes the record along, or away. */
function Keeping({ callId, over }: { callId: string; over: boolean }) {
  const mayDelete = useMay("admin");
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState("");
  const remove = () => {
    setAsking(false);
    erase(callId).then(
      () => {
        forgetHistory();
        navigate("/history");
      },
      (error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <div className={styles["keeping"]}>
      <a href={callPath(callId)} download={`${callId}.json`}>
        <Icon name="download" size={18} />
        Export as JSON
      </a>
      {over && mayDelete && (
        <button type="button" data-danger onClick={() => setAsking(true)}>
          <Icon name="trash" size={18} />
          Delete
        </button>
      )}
      {refusal && <p role="alert">{refusal}</p>}
      {asking && (
        <Dialog title="Delete this call?" confirm="Delete for good" danger onConfirm={remove} onClose={() => setAsking(false)}>
          <p>Its events, transcript, data and recording are deleted. This can’t be undone.</p>
        </Dialog>
      )}
    </div>
  );
}

