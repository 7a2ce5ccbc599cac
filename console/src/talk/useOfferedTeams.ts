import { useEffect, useState } from "react";
import { fetchOfferedTeams, type OfferedTeam } from "../call/team";

/** The teams to choose from, asked for once the service is there; none while it is not. */
export function useOfferedTeams(isThere: boolean): readonly OfferedTeam[] {
  const [teams, setTeams] = useState<readonly OfferedTeam[]>([]);
  useEffect(() => {
    if (!isThere) return;
    const abort = new AbortController();
    // Without the list one talks with who answers, as before.
    fetchOfferedTeams(abort.signal).then(setTeams, () => undefined);
    return () => abort.abort();
  }, [isThere]);
  return teams;
}
