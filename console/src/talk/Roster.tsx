import { spokenName, type Team } from "../call/team";
import { agentHue } from "./agentHue";
import styles from "./Roster.module.css";

/** The team's board: a lamp shines beside the one who has the caller. */
export function Roster({ team, current }: { team: Team | null; current: string | null }) {
  if (!team) return null;
  return (
    <section aria-label="The team">
      <h2 className={styles["heading"]}>The team</h2>
      <ul className={styles["board"]}>
        {team.agents.map((agent) => (
          <li
            key={agent.name}
            className={styles["agent"]}
            style={agentHue(team, agent.name)}
            aria-current={agent.name === current ? "true" : undefined}
          >
            <span className={styles["lamp"]} aria-hidden="true" />
            <span className={styles["name"]}>{spokenName(agent.name)}</span>
            <span className={styles["voice"]}>{agent.voice}</span>
            <p className={styles["description"]}>{agent.description}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
