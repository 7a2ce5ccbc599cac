import type { Team } from "../call/team";
import { Example } from "./Example";
import { Roster } from "./Roster";
import { someExamples } from "./someExamples";
import styles from "./Welcome.module.css";

/** Before a call: who answers, and what one can say. */
export function Welcome({ team, reachable }: { team: Team | null; reachable: boolean }) {
  const examples = team ? someExamples(team) : [];
  return (
    <div className={styles["scroll"]} tabIndex={0} role="group" aria-label="Before the call">
      <div className={styles["welcome"]}>
        <p className={styles["kicker"]}>{reachable ? "You are calling" : "Nobody answers yet"}</p>
        <h2 className={styles["title"]}>
          {reachable ? team?.title || "\u00a0" : "The service can’t be reached"}
        </h2>
        {!reachable && (
          <p className={styles["lead"]}>
            Start it with <code>make run</code>. This page looks for it every few seconds.
          </p>
        )}
        {team && (
          <p className={styles["lead"]}>
            Start the call and speak, or type. You can interrupt at any time.
            {team.phoneNumber && ` By phone: ${team.phoneNumber}.`}
          </p>
        )}
        {examples.length > 0 && (
          <>
            <h3 className={styles["heading"]}>Try saying</h3>
            <ul className={styles["examples"]}>
              {examples.map((example) => (
                <li key={example}>
                  <Example text={example} />
                </li>
              ))}
            </ul>
            {team?.emulated && (
              <p className={styles["note"]}>
                The offline engine answers: it understands phrases like these, not free speech.
              </p>
            )}
          </>
        )}
        <div className={styles["roster"]}>
          <Roster team={team} current={null} />
        </div>
      </div>
    </div>
  );
}
