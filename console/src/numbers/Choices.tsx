import { useEffect, useState } from "react";
import { fetchTeams, type TeamInside } from "../agents/teams";
import { navigate } from "../app/router";
import { spokenName } from "../call/team";
import { Field } from "../ui/Field";
import styles from "./NumbersPage.module.css";
import { byOf, type Choice, type Days, daysOf, mistakeInDays, numbersAddress, OWN, RANGES } from "./numbers";

/** Which calls are counted: of what time, team and agent. */
export function Choices({ choice, timeZone }: { choice: Choice; timeZone: string }) {
  const teams = useTeams();
  const agents = teams.filter(({ name }) => !choice.team || name === choice.team).flatMap((team) => team.agents);
  const names = [...new Set([...agents.map(({ name }) => name), ...(choice.agent ? [choice.agent] : [])])];
  const choose = (change: Partial<Choice>) => navigate(numbersAddress({ ...choice, ...change }), { replace: true });
  return (
    <div className={styles["choices"]}>
      <Field label="Time">
        <select value={choice.range} onChange={(event) => choose({ range: event.target.value, from: "", to: "" })}>
          {choice.range === OWN && <option value={OWN}>Own days, by {byOf(choice)}</option>}
          {RANGES.map(({ name, label, by }) => (
            <option key={name} value={name}>
              {label}, by {by}
            </option>
          ))}
        </select>
      </Field>
      <DayFields days={daysOf(choice, timeZone, new Date())} onDays={(days) => choose({ range: OWN, ...days })} />
      <Field label="Team">
        <select value={choice.team} onChange={(event) => choose({ team: event.target.value, agent: "" })}>
          <option value="">All</option>
          {teams.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          {choice.team && !teams.some(({ name }) => name === choice.team) && (
            <option value={choice.team}>{spokenName(choice.team)}</option>
          )}
        </select>
      </Field>
      <Field label="Agent">
        <select value={choice.agent} onChange={(event) => choose({ agent: event.target.value })}>
          <option value="">All</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {spokenName(name)}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}

/** The first and the last day. What is typed counts once both are days, in their order. */
function DayFields({ days: { from, to }, onDays }: { days: Days; onDays: (days: Days) => void }) {
  const [typed, setTyped] = useState<Days>({ from, to });
  useEffect(() => setTyped({ from, to }), [from, to]);
  const mistake = mistakeInDays(typed);
  const type = (change: Partial<Days>) => {
    const next = { ...typed, ...change };
    setTyped(next);
    if (!mistakeInDays(next)) onDays(next);
  };
  return (
    <>
      <Field label="From">
        <input
          type="date"
          value={typed.from}
          aria-invalid={mistake !== ""}
          onChange={({ target }) => type({ from: target.value })}
        />
      </Field>
      <Field label="To">
        <input
          type="date"
          value={typed.to}
          aria-invalid={mistake !== ""}
          onChange={({ target }) => type({ to: target.value })}
        />
      </Field>
      {mistake && (
        <p className={styles["mistake"]} role="alert">
          {mistake}
        </p>
      )}
    </>
  );
}

function useTeams(): readonly TeamInside[] {
  const [teams, setTeams] = useState<readonly TeamInside[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    // Without them the choices are fewer; the figures say what is wrong.
    fetchTeams(abort.signal).then(setTeams, () => undefined);
    return () => abort.abort();
  }, []);
  return teams;
}
