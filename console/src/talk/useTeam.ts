import { useEffect, useState } from "react";
import { fetchTeam, NoTeamError, type Team, type Wanted } from "../call/team";

const RETRY_MS = 3000;

export type TeamState = {
  team: Team | null;
  reachable: boolean;
  /** Why there is no such team or agent, or not for who asks; or empty. */
  refusal: string;
};

const ANY: Wanted = { team: "", agent: "" };

/** The team that answers, or who is wanted, asked for again and again until the service is there. */
export function useTeam({ team: name, agent }: Wanted = ANY): TeamState {
  const [state, setState] = useState<TeamState>({ team: null, reachable: true, refusal: "" });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      try {
        const team = await fetchTeam({ team: name, agent }, abort.signal);
        setState({ team, reachable: true, refusal: "" });
      } catch (error) {
        if (abort.signal.aborted) return;
        if (error instanceof NoTeamError) {
          setState({ team: null, reachable: true, refusal: error.message });
          return;
        }
        setState({ team: null, reachable: false, refusal: "" });
        timer = setTimeout(ask, RETRY_MS);
      }
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [name, agent]);
  return state;
}
