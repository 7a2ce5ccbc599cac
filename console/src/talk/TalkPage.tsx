import { useEffect, useMemo, useState } from "react";
import { talkAddress } from "../app/router";
import { isBusy, statusTone, statusWords } from "../call/callState";
import { microphoneNotice, microphoneWords, type SpeakingMode } from "../call/speaking";
import { inVoice, type Wanted } from "../call/team";
import { type Call, useCall } from "../call/useCall";
import { Announcer } from "./Announcer";
import { Choices } from "./Choices";
import { Dock } from "./Dock";
import { LineCard } from "./LineCard";
import { tellOwnCall } from "./ownCall";
import { Roster } from "./Roster";
import { SoundDialog, soundWords } from "./SoundDialog";
import { SoundNotice } from "./SoundNotice";
import styles from "./TalkPage.module.css";
import { Transcript } from "./Transcript";
import { Trouble } from "./Trouble";
import { useOfferedTeams } from "./useOfferedTeams";
import { useSound } from "./useSound";
import { useTeam } from "./useTeam";
import { Welcome } from "./Welcome";

/** Talk to the team, or to the agent that is wanted: what is said, who is on the line, what is done. */
export function TalkPage({ shown, ...wanted }: Wanted & { shown: boolean }) {
  const [voice, setVoice] = useState("");
  const { team: asked, reachable, refusal } = useTeam(wanted);
  const teams = useOfferedTeams(asked !== null);
  const team = useMemo(() => asked && inVoice(asked, voice), [asked, voice]);
  const sound = useSound();
  const [choosing, setChoosing] = useState(false);
  const call = useCall({ ...wanted, voice }, sound);
  const { state } = call;
  const speaks = isBusy(state) && state.microphone;
  const notice = speaks ? microphoneNotice(state.fault, sound.microphones.missing) : "";
  const [read, setRead] = useState("");
  const { agent } = state.conversation;
  useTold(call, sound.mode, wanted, agent?.name ?? "");
  // By the browser's way back one leaves a page though a question is open.
  useEffect(() => {
    if (!shown) setChoosing(false);
  }, [shown]);
  // What operators and the carrier do is not for the caller.
  const entries = state.conversation.entries.filter(({ kind }) => kind !== "note");
  return (
    <main className={styles["page"]} data-stage={state.stage}>
      <h1 className="visually-hidden">Talk to {team?.title || "the team"}</h1>
      {/* Focusable, so that the arrow keys scroll it where the team is long. */}
      <aside className={styles["side"]} aria-label="The line" tabIndex={0}>
        <LineCard
          team={team}
          agent={agent ?? team?.agents[0] ?? null}
          live={state.stage === "live"}
          since={state.liveAt}
          until={state.overAt}
          status={statusWords(state)}
          tone={statusTone(state)}
          latencyMs={state.conversation.latencyMs}
          labels={{ own: meterLabel(state.microphone, call.heard), remote: "Agent" }}
          levels={call.levels}
        />
        <div className={styles["roster"]}>
          <Roster team={team} current={isBusy(state) ? (agent?.name ?? null) : null} />
        </div>
      </aside>
      <section className={styles["talk"]} aria-label="Conversation">
        {state.stage === "idle" || (entries.length === 0 && state.stage === "over") ? (
          <Welcome team={team} reachable={reachable} refusal={refusal} answering={wanted.agent} />
        ) : (
          <Transcript
            entries={entries}
            team={team}
            waiting={state.stage === "over" ? "" : "Waiting for the agent to speak …"}
          />
        )}
        {state.trouble && (
          <Trouble
            trouble={state.trouble}
            onTypeInstead={() => call.start({ microphone: false })}
          />
        )}
        {notice && notice !== read && <SoundNotice words={notice} onRead={() => setRead(notice)} />}
        {team && !isBusy(state) && (
          <Choices
            team={team}
            teams={teams}
            voice={voice}
            onVoice={setVoice}
            sound={soundWords(sound)}
            onSound={() => setChoosing(true)}
          />
        )}
        <Dock
          call={call}
          mode={sound.mode}
          holdable={shown && !choosing}
          onSound={() => setChoosing(true)}
        />
      </section>
      {choosing && <SoundDialog sound={sound} onClose={() => setChoosing(false)} />}
      <Announcer
        state={state}
        microphone={notice || (speaks && state.stage === "live" ? microphoneWords(sound.mode, state) : "")}
      />
    </main>
  );
}

/** Tells the other pages of the call, so that it outlives a look at them. */
function useTold(
  { state, heard, setMuted, hangUp }: Call,
  mode: SpeakingMode,
  { team, agent: asked }: Wanted,
  agent: string,
): void {
  const { stage, liveAt } = state;
  const running = isBusy(state);
  const muted = state.microphone && !heard;
  // The button of push-to-talk is on this page only: elsewhere nothing opens the microphone.
  const microphone = state.microphone && mode === "open";
  useEffect(() => {
    if (stage === "idle") return tellOwnCall(null);
    const address = talkAddress({ team, agent: asked });
    tellOwnCall({ address, running, agent, since: liveAt, microphone, muted, setMuted, hangUp });
  }, [stage, running, agent, liveAt, microphone, muted, team, asked, setMuted, hangUp]);
  useEffect(() => () => tellOwnCall(null), []);
}

function meterLabel(microphone: boolean, heard: boolean): string {
  if (!microphone) return "You type";
  return heard ? "You" : "You, muted";
}
