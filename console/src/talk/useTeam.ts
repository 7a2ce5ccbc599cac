import { useEffect, useState } from "react";
import { fetchTeam, type Team } from "../call/team";

const RETRY_MS = 3000;

export type TeamState = { team: Team | null; reachable: boolean };

/** The team that answers, asked for again and again until the service is there. */
export function useTeam(): TeamState {
  const [state, setState] = useState<TeamState>({ team: null, reachable: true });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      try {
        const team = await fetchTeam(abort.signal);
        setState({ team, reachable: true });
      } catch {
        if (abort.signal.aborted) return;
        setState({ team: null, reachable: false });
        timer = setTimeout(ask, RETRY_MS);
      }
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, []);
  return state;
}
