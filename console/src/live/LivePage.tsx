import { type KeyboardEvent, memo, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTeam } from "../talk/useTeam";
import { SearchField } from "../ui/SearchField";
import { inOrder, type LiveCall, matches } from "./liveCalls";
import styles from "./LivePage.module.css";
import { LiveRow } from "./LiveRow";
import { useLiveCalls } from "./useLiveCalls";

/** All calls now. */
export function LivePage() {
  const { state, connected, trouble } = useLiveCalls();
  const { team } = useTeam();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const shown = useMemo(
    () => inOrder(state.calls).filter((call) => matches(call, wanted)),
    [state.calls, wanted],
  );
  const running = [...state.calls.values()].filter(({ overAt }) => overAt === null);
  const waiting = running.filter((call) => call.waiting.length > 0).length;
  // Seen in the row of tabs, too.
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}Live · Switchboard`;
  }, [waiting]);
  return (
    <main className={styles["page"]}>
      <header className={styles["head"]}>
        <h1>Live</h1>
        <p className={styles["count"]} role="status">
          <span className={styles["lamp"]} data-on={connected} aria-hidden="true" />
          {countWords(running.length, waiting, connected, state.listed)}
        </p>
        <SearchField value={search} onChange={setSearch} label="Number, agent, words" />
      </header>
      {trouble && (
        <p className={styles["trouble"]} role="alert">
          {trouble}
        </p>
      )}
      {shown.length > 0 ? (
        <Rows calls={shown} team={team} />
      ) : (
        <div className={styles["empty"]}>
          <Empty listed={state.listed} search={wanted} phoneNumber={team?.phoneNumber ?? ""} />
        </div>
      )}
    </main>
  );
}

const Rows = memo(function Rows({
  calls,
  team,
}: {
  calls: readonly LiveCall[];
  team: ReturnType<typeof useTeam>["team"];
}) {
  const list = useRef<HTMLUListElement>(null);
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    rows[at + step]?.focus();
  };
  return (
    <div className={styles["scroll"]}>
      <div className={styles["labels"]} aria-hidden="true">
        <span>Caller</span>
        <span>Agent</span>
        <span>Last words</span>
        <span>Answer</span>
        <span>Cost</span>
        <span>Time</span>
      </div>
      <ul ref={list} className={styles["rows"]} onKeyDown={walk} data-testid="live-calls">
        {calls.map((call) => (
          <li key={call.id}>
            <LiveRow call={call} team={team} />
          </li>
        ))}
      </ul>
    </div>
  );
});

function Empty({
  listed,
  search,
  phoneNumber,
}: {
  listed: boolean;
  search: string;
  phoneNumber: string;
}) {
  if (!listed) return <p>Looking for calls …</p>;
  if (search) return <p>No live call has “{search}”.</p>;
  return (
    <>
      <h2>Nobody is calling</h2>
      <p>A call appears here as soon as it begins{phoneNumber && `, also one to ${phoneNumber}`}.</p>
    </>
  );
}

function countWords(calls: number, waiting: number, connected: boolean, listed: boolean): string {
  if (!connected) return listed ? "Connection lost, coming back …" : "Connecting …";
  const words = calls === 1 ? "1 call" : `${calls} calls`;
  return waiting === 0 ? words : `${words}, ${waiting} waiting for an operator`;
}
