import { Link } from "../app/Link";
import { spokenName, type Team } from "../call/team";
import { Example } from "./Example";
import { Roster } from "./Roster";
import { someExamples } from "./someExamples";
import styles from "./Welcome.module.css";

/** Before a call: who answers, and what one can say. */
export function Welcome({
  team,
  reachable,
  refusal,
  answering,
}: {
  team: Team | null;
  reachable: boolean;
  /** Why there is nobody of that name, or empty. */
  refusal: string;
  /** The agent that was asked for, or empty. */
  answering: string;
}) {
  const examples = team ? examplesOf(team, answering) : [];
  return (
    <div className={styles["scroll"]} tabIndex={0} role="group" aria-label="Before the call">
      <div className={styles["welcome"]}>
        <p className={styles["kicker"]}>{kicker(reachable, refusal)}</p>
        <h2 className={styles["title"]}>
          {reachable ? titleOf(team, answering) : "The service can’t be reached"}
        </h2>
        {!reachable && (
          <p className={styles["lead"]}>
            Start it with <code>make run</code>. This page looks for it every few seconds.
          </p>
        )}
        {refusal && (
          <p className={styles["lead"]} role="alert">
            {refusal}. <Link href="/">Talk to who answers</Link>
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

function kicker(reachable: boolean, refusal: string): string {
  if (!reachable) return "Nobody answers yet";
  return refusal ? "Nobody answers here" : "You are calling";
}

function titleOf(team: Team | null, answering: string): string {
  if (!team) return "\u00a0";
  return answering ? `${spokenName(answering)}, ${team.title}` : team.title || "\u00a0";
}

/** Of the agent that was asked for, else of several. */
function examplesOf(team: Team, answering: string): readonly string[] {
  const asked = answering && team.agents.find(({ name }) => name === answering);
  return asked ? asked.examples.slice(0, 5) : someExamples(team);
}
