import { isBusy } from "../call/callState";
import { useCall } from "../call/useCall";
import { Announcer } from "./Announcer";
import { Dock } from "./Dock";
import { LineCard } from "./LineCard";
import { Roster } from "./Roster";
import styles from "./TalkPage.module.css";
import { Transcript } from "./Transcript";
import { Trouble } from "./Trouble";
import { useTeam } from "./useTeam";
import { Welcome } from "./Welcome";

/** Talk to the team: what is said, who is on the line, what is done. */
export function TalkPage() {
  const { team, reachable } = useTeam();
  const call = useCall();
  const { state } = call;
  const { entries, agent } = state.conversation;
  return (
    <main className={styles["page"]} data-stage={state.stage}>
      <h1 className="visually-hidden">Talk to {team?.title || "the team"}</h1>
      {/* Focusable, so that the arrow keys scroll it where the team is long. */}
      <aside className={styles["side"]} aria-label="The line" tabIndex={0}>
        <LineCard call={call} team={team} />
        <div className={styles["roster"]}>
          <Roster team={team} current={isBusy(state) ? (agent?.name ?? null) : null} />
        </div>
      </aside>
      <section className={styles["talk"]} aria-label="Conversation">
        {state.stage === "idle" || (entries.length === 0 && state.stage === "over") ? (
          <Welcome team={team} reachable={reachable} />
        ) : (
          <Transcript entries={entries} team={team} stage={state.stage} />
        )}
        {state.trouble && (
          <Trouble
            trouble={state.trouble}
            onTypeInstead={() => call.start({ microphone: false })}
          />
        )}
        <Dock call={call} />
      </section>
      <Announcer state={state} />
    </main>
  );
}
