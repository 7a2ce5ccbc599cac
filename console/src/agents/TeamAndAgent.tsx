import { useEffect, useState } from "react";
import { spokenName } from "../call/team";
import { Field } from "../ui/Field";
import { fetchTeams, type TeamInside } from "./teams";

interface Chosen {
  team: string;
  agent: string;
}

/** Chooses whose calls are meant: a team's, an agent's; empty for everybody's. */
export function TeamAndAgent({
  team,
  agent,
  any,
  onChange,
}: Chosen & {
  /** What everybody is called. */
  any: string;
  onChange: (change: Partial<Chosen>) => void;
}) {
  const teams = useTeams();
  const members = teams.filter(({ name }) => !team || name === team).flatMap(({ agents }) => agents);
  const names = [...new Set([...members.map(({ name }) => name), ...(agent ? [agent] : [])])];
  return (
    <>
      <Field label="Team">
        <select value={team} onChange={({ target }) => onChange({ team: target.value, agent: "" })}>
          <option value="">{any}</option>
          {teams.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          {team && !teams.some(({ name }) => name === team) && <option value={team}>{spokenName(team)}</option>}
        </select>
      </Field>
      <Field label="Agent">
        <select value={agent} onChange={({ target }) => onChange({ agent: target.value })}>
          <option value="">{any}</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {spokenName(name)}
            </option>
          ))}
        </select>
      </Field>
    </>
  );
}

function useTeams(): readonly TeamInside[] {
  const [teams, setTeams] = useState<readonly TeamInside[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    // Without them the choices are fewer; what is chosen from says what is wrong.
    fetchTeams(abort.signal).then(setTeams, () => undefined);
    return () => abort.abort();
  }, []);
  return teams;
}
