import { useEffect, useState } from "react";
import { TeamAndAgent } from "../agents/TeamAndAgent";
import { navigate } from "../app/router";
import { Field } from "../ui/Field";
import styles from "./NumbersPage.module.css";
import { byOf, type Choice, type Days, daysOf, mistakeInDays, numbersAddress, OWN, RANGES } from "./numbers";

/** Which calls are counted: of what time, team and agent. */
export function Choices({ choice, timeZone }: { choice: Choice; timeZone: string }) {
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
      <TeamAndAgent team={choice.team} agent={choice.agent} any="All" onChange={choose} />
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
