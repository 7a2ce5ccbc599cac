import { useEffect, useMemo, useState } from "react";
import { TeamAndAgent } from "../agents/TeamAndAgent";
import { navigate } from "../app/router";
import type { Status } from "../call/events";
import { spokenName } from "../call/team";
import { OUTCOMES, statusName } from "../call/wording";
import { useTeam } from "../talk/useTeam";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { SearchField } from "../ui/SearchField";
import { exportPath, type Filter, filtersOf, historyAddress, serviceQuery } from "./filters";
import styles from "./HistoryPage.module.css";
import { HistoryRow } from "./HistoryRow";
import { useHistory } from "./useHistory";

const TYPING_MS = 300;
const STATUSES: readonly Status[] = [
  "in_progress",
  "completed",
  "failed",
  "busy",
  "no_answer",
  "canceled",
  "ringing",
  "initiated",
];

/** All calls that were kept, and those that are live. */
export function HistoryPage({ query }: { query: URLSearchParams }) {
  const address = query.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(address)), [address]);
  const { calls, loading, more, trouble, older } = useHistory(serviceQuery(filters).toString());
  const { team } = useTeam();
  const set = (name: Filter, value: string) =>
    navigate(historyAddress({ ...filters, [name]: value }), { replace: true });
  const narrowed = Object.keys(filters).filter((name) => name !== "text").length;
  return (
    <main className={styles["page"]}>
      <header className={styles["head"]}>
        <h1>History</h1>
        <Search text={filters.text ?? ""} onChange={(text) => set("text", text)} />
        <details className={styles["filters"]}>
          <summary>{narrowed > 0 ? `Filters (${narrowed})` : "Filters"}</summary>
          <div className={styles["fields"]}>
            <Field label="Status">
              <select value={filters.status ?? ""} onChange={(event) => set("status", event.target.value)}>
                <option value="">Any</option>
                {STATUSES.map((status) => (
                  <option key={status} value={status}>
                    {statusName(status)}
                  </option>
                ))}
              </select>
            </Field>
            <Field label="Outcome">
              <select value={filters.outcome ?? ""} onChange={(event) => set("outcome", event.target.value)}>
                <option value="">Any</option>
                {OUTCOMES.map((outcome) => (
                  <option key={outcome} value={outcome}>
                    {spokenName(outcome)}
                  </option>
                ))}
              </select>
            </Field>
            <Field label="Direction">
              <select value={filters.direction ?? ""} onChange={(event) => set("direction", event.target.value)}>
                <option value="">Any</option>
                <option value="inbound">Inbound</option>
                <option value="outbound">Outbound</option>
              </select>
            </Field>
            <Field label="Since">
              <input type="date" value={filters.since ?? ""} onChange={(event) => set("since", event.target.value)} />
            </Field>
            <Field label="Until">
              <input type="date" value={filters.until ?? ""} onChange={(event) => set("until", event.target.value)} />
            </Field>
            <TeamAndAgent
              team={filters.team ?? ""}
              agent={filters.agent ?? ""}
              any="Any"
              onChange={(change) => navigate(historyAddress({ ...filters, ...change }), { replace: true })}
            />
            <Typed label="From number" value={filters.from ?? ""} onChange={(value) => set("from", value)} />
            <Typed label="To number" value={filters.to ?? ""} onChange={(value) => set("to", value)} />
            <div className={styles["clear"]}>
              <Button look="quiet" icon="cross" disabled={narrowed === 0} onClick={() => navigate(historyAddress({ text: filters.text ?? "" }))}>
                Clear filters
              </Button>
            </div>
          </div>
        </details>
        <div className={styles["exports"]}>
          {(["csv", "json"] as const).map((format) => (
            <a key={format} href={exportPath(filters, format)} download={`calls.${format}`}>
              <Icon name="download" size={18} />
              {format.toUpperCase()}
              <span className="visually-hidden"> of every call that is listed</span>
            </a>
          ))}
        </div>
      </header>
      <div className={styles["scroll"]}>
        {trouble && (
          <p className={styles["trouble"]} role="alert">
            {trouble}
          </p>
        )}
        {calls.length > 0 && (
          <ul className={styles["rows"]} data-testid="history">
            {calls.map((call) => (
              <li key={call.id}>
                <HistoryRow call={call} team={team} />
              </li>
            ))}
          </ul>
        )}
        {calls.length === 0 && !loading && !trouble && (
          <p className={styles["empty"]}>
            {Object.keys(filters).length > 0 ? "No call is like that." : "There were no calls yet."}
          </p>
        )}
        <div className={styles["more"]}>
          {loading ? <p>Reading …</p> : more && (
            <Button look="quiet" icon="down" onClick={older}>
              Older
            </Button>
          )}
        </div>
      </div>
    </main>
  );
}

/** What is typed takes effect once the hands rest. */
function useTyped(value: string, onChange: (value: string) => void): [string, (typed: string) => void] {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      setTyped(null);
      if (typed.trim() !== value) onChange(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return [typed ?? value, setTyped];
}

function Search({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useTyped(text, onChange);
  return <SearchField value={typed} onChange={setTyped} label="Words that were said" />;
}

function Typed({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useTyped(value, onChange);
  return (
    <Field label={label}>
      <input value={typed} onChange={(event) => setTyped(event.target.value)} maxLength={64} autoComplete="off" />
    </Field>
  );
}
