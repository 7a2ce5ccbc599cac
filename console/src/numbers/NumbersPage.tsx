import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../access/api";
import { Link } from "../app/Link";
import type { Status } from "../call/events";
import { spokenName } from "../call/team";
import { duration, hours, money, seconds, statusName } from "../call/wording";
import { historyAddress } from "../history/filters";
import { BarTable } from "./BarTable";
import { Choices } from "./Choices";
import styles from "./NumbersPage.module.css";
import {
  type Choice,
  choiceOf,
  daysOf,
  fetchNumbers,
  mistakeInDays,
  type Numbers,
  numbersAddress,
  OWN,
  periodName,
  serviceQuery,
  statusesIn,
} from "./numbers";
import { type Series, TimeChart } from "./TimeChart";

const REFRESH_MS = 60_000;
const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const TONES: Partial<Record<string, string>> = {
  completed: "good",
  in_progress: "cool",
  failed: "bad",
  busy: "warm",
  no_answer: "off",
};

/** How many calls there were, how they went, how quick they were and what they cost. */
export function NumbersPage({ query }: { query: URLSearchParams }) {
  const address = query.toString();
  const choice = useMemo(() => choiceOf(new URLSearchParams(address)), [address]);
  const { numbers, trouble } = useNumbers(choice);
  return (
    <main className={styles["page"]}>
      <header className={styles["head"]}>
        <h1>Numbers</h1>
        <Choices choice={choice} timeZone={TIME_ZONE} />
      </header>
      {trouble && (
        <p className={styles["trouble"]} role="alert">
          {trouble}
        </p>
      )}
      {numbers && <Drawn numbers={numbers} choice={choice} />}
    </main>
  );
}

function Drawn({ numbers, choice }: { numbers: Numbers; choice: Choice }) {
  const { total, teams, agents, tools } = numbers;
  const charts = useMemo(() => chartsOf(numbers), [numbers]);
  const { team, agent } = choice;
  const { from: since, to: until } = daysOf(choice, TIME_ZONE, new Date());
  const share = (part: number) => (total.calls > 0 ? `${Math.round((100 * part) / total.calls)} %` : "–");
  return (
    <>
      <dl className={styles["total"]} data-testid="total">
        <Figure name="Calls" value={count(total.calls)} />
        <Figure name="Completed" value={share(total.statuses["completed"] ?? 0)} />
        <Figure name="Answered in, median" value={seconds(total.p50_ms) || "–"} />
        <Figure name="95 % within" value={seconds(total.p95_ms) || "–"} />
        <Figure name="Talked" value={hours(total.duration_s)} />
        <Figure name="Cost" value={money(total.cost_usd)} />
      </dl>
      {total.calls === 0 ? (
        <p className={styles["empty"]}>No call began in this time.</p>
      ) : (
        <div className={styles["charts"]}>
          <TimeChart title="Calls" periods={charts.periods} series={charts.calls} draw="bars" format={count} />
          <TimeChart title="Time to answer" periods={charts.periods} series={charts.latency} draw="lines" format={secondsOf} />
          <TimeChart title="Cost" periods={charts.periods} series={charts.cost} draw="bars" format={money} />
          <BarTable
            title="Outcomes"
            columns={["Outcome", "Calls", "Share"]}
            rows={Object.entries(total.outcomes)
              .toSorted(([, one], [, other]) => other - one)
              .map(([outcome, calls]) => ({
                key: outcome,
                name: <Link href={historyAddress({ outcome, team, agent, since, until })}>{spokenName(outcome)}</Link>,
                value: calls,
                cells: [count(calls), share(calls)],
              }))}
          />
          <BarTable
            title="Agents"
            columns={["Agent", "Calls", "Median", "95 %", "Cost"]}
            rows={agents.map(({ team, agent, calls, p50_ms, p95_ms, cost_usd }) => ({
              key: `${team} ${agent}`,
              name: (
                <>
                  <Link href={numbersAddress({ ...choice, team, agent })}>{spokenName(agent) || "Nobody yet"}</Link>{" "}
                  {teams.length > 1 && <small>{spokenName(team)}</small>}
                </>
              ),
              value: calls,
              cells: [count(calls), seconds(p50_ms) || "–", seconds(p95_ms) || "–", money(cost_usd)],
            }))}
          />
          <BarTable
            title="Teams"
            columns={["Team", "Calls", "Median", "95 %", "Cost"]}
            rows={teams.map(({ team, calls, p50_ms, p95_ms, cost_usd }) => ({
              key: team,
              name: <Link href={numbersAddress({ ...choice, team, agent: "" })}>{spokenName(team) || "None"}</Link>,
              value: calls,
              cells: [count(calls), seconds(p50_ms) || "–", seconds(p95_ms) || "–", money(cost_usd)],
            }))}
          />
          <BarTable
            title="Tools: median, and 95 % within"
            columns={["Tool", "Calls", "Errors", "Median", "95 %"]}
            rows={tools.map(({ tool, calls, errors, p50_ms, p95_ms }) => ({
              key: tool,
              name: tool,
              value: p50_ms ?? 0,
              upTo: p95_ms ?? 0,
              cells: [count(calls), count(errors), toolTime(p50_ms), toolTime(p95_ms)],
            }))}
          />
        </div>
      )}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function chartsOf({ periods, total, by, time_zone }: Numbers): Record<"calls" | "latency" | "cost", Series[]> & { periods: string[] } {
  return {
    periods: periods.map(({ start }) => periodName(start, by, time_zone)),
    calls: statusesIn(total).map((status) => ({
      name: statusName(status as Status),
      tone: TONES[status] ?? "off",
      values: periods.map(({ statuses }) => statuses[status] ?? 0),
    })),
    latency: [
      { name: "Median", tone: "good", values: periods.map(({ p50_ms }) => p50_ms) },
      { name: "95 % within", tone: "warm", values: periods.map(({ p95_ms }) => p95_ms) },
    ],
    cost: [{ name: "US dollars", tone: "cool", values: periods.map(({ cost_usd }) => cost_usd) }],
  };
}

const whole = new Intl.NumberFormat();

function count(value: number): string {
  return Number.isInteger(value) ? whole.format(value) : "";
}

function secondsOf(ms: number): string {
  return seconds(ms);
}

function toolTime(ms: number | null): string {
  return ms === null ? "–" : duration(ms);
}

function useNumbers(choice: Choice): { numbers: Numbers | null; trouble: string } {
  const [numbers, setNumbers] = useState<Numbers | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    // Days of an address that are none; the fields say so.
    if (choice.range === OWN && mistakeInDays(choice)) return;
    const abort = new AbortController();
    const read = async () => {
      try {
        setNumbers(await fetchNumbers(serviceQuery(choice, TIME_ZONE, new Date()), abort.signal));
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
  }, [choice]);
  return { numbers, trouble };
}
