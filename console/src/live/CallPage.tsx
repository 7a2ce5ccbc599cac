import { useEffect, useState } from "react";
import { useMay } from "../access/session";
import { Link } from "../app/Link";
import { navigate } from "../app/router";
import type { Facts } from "../call/facts";
import { type CallRecord, isLive } from "../call/records";
import { otherSide, reasonWords } from "../call/wording";
import { Player } from "../history/Player";
import { usePlayback } from "../history/usePlayback";
import { LineCard } from "../talk/LineCard";
import { Transcript } from "../talk/Transcript";
import { useTeam } from "../talk/useTeam";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { CallControls } from "./CallControls";
import { CallDetails } from "./CallDetails";
import styles from "./CallPage.module.css";
import { standing, standingTone } from "./callView";
import { TakeOverDialog } from "./TakeOverDialog";
import { TakeOverPanel } from "./TakeOverPanel";
import { overWords } from "./takeOverState";
import { useCallView } from "./useCallView";
import { useListener } from "./useListener";
import { useTakeOver } from "./useTakeOver";
import { Waiting } from "./Waiting";

/** One call, live or over: what is said and done in it, and what can be done to it. */
export function CallPage({ callId, from }: { callId: string; from: "live" | "history" }) {
  const { view, trouble } = useCallView(callId);
  const { team } = useTeam();
  const mayOperate = useMay("operate");
  const [shown, setShown] = useState<"transcript" | "details">("transcript");
  const { record, conversation, facts, status, loaded } = view;
  const live = record !== null && status === "in_progress" && facts.endedAt === null;
  // Of a call that ends while it is looked at, what was there stays: nothing jumps under one's hand.
  const [wasLive, setWasLive] = useState(false);
  if (live && !wasLive) setWasLive(true);
  const listening = useListener(callId, live);
  const takeOver = useTakeOver(callId);
  const { stage, outcome, cutOff } = takeOver.state;
  const [asking, setAsking] = useState(false);
  const { playing, toggle } = listening;
  useEffect(() => {
    // Else the caller would be heard twice, and the operator would hear themself.
    if (stage === "speaking" && playing) toggle();
  }, [stage, playing, toggle]);
  const parts = record && !isLive(record.status) ? recordingsOf(facts.recordings, record.recording) : 0;
  const playback = usePlayback(callId, parts, facts.recordingStarts, conversation.entries);
  const back = from === "live" ? "/live" : "/history";
  const who = record && otherSide(record);
  useEffect(() => {
    if (who) document.title = `${who} · Switchboard`;
  }, [who]);
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
      const open = document.querySelector("dialog[open], :popover-open");
      if (event.key === "Escape" && stage === "off" && !typing && !open) navigate(back);
    };
    window.addEventListener("keydown", leave);
    return () => window.removeEventListener("keydown", leave);
  }, [back, stage]);

  if (trouble?.status === 404 && record === null) {
    return (
      <main className={styles["missing"]}>
        <h1>There is no such call</h1>
        <p>It may have been deleted.</p>
        <Link href={back}>{from === "live" ? "All live calls" : "All calls"}</Link>
      </main>
    );
  }
  const agent = conversation.agent ?? (record?.agent ? { name: record.agent, voice: "" } : null);
  return (
    <main className={styles["page"]} data-shown={shown}>
      <header className={styles["head"]}>
        <Link className={styles["back"]} href={back} aria-label={from === "live" ? "All live calls" : "All calls"}>
          <Icon name="back" />
        </Link>
        <h1>{record ? otherSide(record) : "\u00a0"}</h1>
        <div className={styles["tabs"]} role="group" aria-label="What is shown">
          <button type="button" aria-pressed={shown === "transcript"} onClick={() => setShown("transcript")}>
            Transcript
          </button>
          <button type="button" aria-pressed={shown === "details"} onClick={() => setShown("details")}>
            Details
          </button>
        </div>
      </header>
      <div className={styles["line"]}>
        <LineCard
          team={team}
          agent={agent}
          live={live}
          since={dateOf(facts.startedAt ?? record?.started_at)}
          until={dateOf(facts.endedAt ?? record?.ended_at)}
          status={record ? standing(view) : "\u00a0"}
          tone={standingTone(view)}
          latencyMs={conversation.latencyMs}
          labels={labelsOf(facts)}
          levels={listening.levels}
        />
        {(live || wasLive) && (
          <div className={styles["listen"]}>
            <Button
              look={listening.playing ? "primary" : "quiet"}
              icon="headset"
              aria-pressed={listening.playing}
              disabled={!live || stage !== "off"}
              onClick={listening.toggle}
            >
              {listening.playing ? "Listening" : "Listen"}
            </Button>
            {mayOperate && stage === "off" && (
              <Button look="quiet" icon="mic" disabled={!live || facts.takenBy !== null} onClick={() => setAsking(true)}>
                Take over
              </Button>
            )}
            {live && (listening.trouble || outcome) && <p role="alert">{listening.trouble || outcome}</p>}
          </div>
        )}
      </div>
      <section className={styles["talk"]} data-playable={parts > 0} aria-label="Conversation">
        {parts > 0 && <Player playback={playback} />}
        <Transcript
          playback={parts > 0 ? playback : undefined}
          entries={conversation.entries}
          team={team}
          callerName="Caller"
          waiting={waitingWords(loaded, isLive(status))}
        />
        {trouble && trouble.status !== 404 && (
          <p className={styles["trouble"]} role="alert">
            {trouble.message}
          </p>
        )}
        <Waiting callId={callId} facts={facts} mayOperate={mayOperate} />
        {live && stage !== "off" && <TakeOverPanel takeOver={takeOver} />}
        {wasLive && facts.endedAt !== null && (
          <p className={styles["over"]} role="status" data-instead={mayOperate}>
            {cutOff ? overWords(conversation.endReason) : reasonWords(conversation.endReason)}
          </p>
        )}
        {mayOperate && record && isLive(status) && facts.endedAt === null && (
          <CallControls callId={callId} status={status} phone={record.channel === "phone"} muted={facts.muted} />
        )}
      </section>
      <aside className={styles["details"]} aria-label="Details" tabIndex={0}>
        {record && <CallDetails view={view} record={record} team={team} />}
      </aside>
      {asking && (
        <TakeOverDialog
          onClose={() => setAsking(false)}
          onTakeOver={(microphone) => {
            setAsking(false);
            takeOver.start(microphone);
          }}
        />
      )}
    </main>
  );
}

/** Whose levels are shown: the operator is heard in the agent's place. */
function labelsOf({ muted, takenBy }: Facts): { own: string; remote: string } {
  const remote = takenBy === null ? "Agent" : "Operator";
  return {
    own: muted.caller ? "Caller, muted" : "Caller",
    remote: takenBy === null && muted.agent ? `${remote}, muted` : remote,
  };
}

function waitingWords(loaded: boolean, live: boolean): string {
  if (!loaded) return "Reading what was said …";
  return live ? "Nothing was said yet." : "Nothing was said in this call.";
}

function dateOf(at: string | null | undefined): number | null {
  return at ? Date.parse(at) : null;
}

/** How many recordings of a call there are; their time may be over. */
function recordingsOf(finished: number, last: CallRecord["recording"]): number {
  if (last && !last.available) return 0;
  return Math.max(finished, last ? 1 : 0);
}
