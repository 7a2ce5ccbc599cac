import { useEffect, useState } from "react";
import { ApiError } from "../access/api";
import { Link } from "../app/Link";
import { agentAddress } from "../app/router";
import { AgentDetails } from "./AgentDetails";
import styles from "./AgentsPage.module.css";
import { TeamDrawing } from "./TeamDrawing";
import { fetchTeams, type TeamInside } from "./teams";

/** Tool servers come and go: the drawing is made anew this often. */
const REFRESH_MS = 15_000;

/** The teams, drawn, and one agent of them in full. */
export function AgentsPage({ team: teamName, agent: agentName }: { team: string; agent: string }) {
  const { teams, trouble } = useTeams();
  const team = teams.find(({ name }) => name === teamName) ?? (teamName ? null : teams[0]);
  const agent = team?.agents.find(({ name }) => name === agentName) ?? (agentName ? null : team?.agents[0]);
  return (
    <main className={styles["page"]}>
      <header className={styles["head"]}>
        <h1>Agents</h1>
        {teams.length > 1 && (
          <nav aria-label="Teams">
            <ul>
              {teams.map(({ name, title }) => (
                <li key={name}>
                  <Link href={agentAddress(name)} aria-current={name === team?.name ? "true" : undefined}>
                    {title}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </header>
      {trouble && (
        <p className={styles["trouble"]} role="alert">
          {trouble}
        </p>
      )}
      {teams.length > 0 && !(team && agent) && (
        <p className={styles["missing"]}>
          There is no such agent. <Link href="/agents">All agents</Link>
        </p>
      )}
      {team && agent && (
        <div className={styles["body"]}>
          <section className={styles["drawing"]} aria-label="The team">
            <TeamDrawing team={team} current={agent.name} />
          </section>
          {/* Focusable, so that the arrow keys scroll it. */}
          <div className={styles["details"]} tabIndex={0} role="group" aria-label="The agent">
            <AgentDetails key={agent.name} team={team} agent={agent} />
          </div>
        </div>
      )}
    </main>
  );
}

function useTeams(): { teams: readonly TeamInside[]; trouble: string } {
  const [teams, setTeams] = useState<readonly TeamInside[]>([]);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      try {
        const found = await fetchTeams(abort.signal);
        setTeams((before) => (JSON.stringify(before) === JSON.stringify(found) ? before : found));
        setTrouble("");
      } catch (error) {
        if (!abort.signal.aborted && error instanceof ApiError) setTrouble(error.message);
      }
    };
    void read();
    const timer = setInterval(() => void read(), REFRESH_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, []);
  return { teams, trouble };
}
