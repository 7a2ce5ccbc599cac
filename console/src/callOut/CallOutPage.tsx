import { useEffect, useState } from "react";
import { ApiError } from "../access/api";
import { useMay } from "../access/session";
import { CallForm } from "./CallForm";
import styles from "./CallOutPage.module.css";
import { fetchOptions, type Options } from "./options";

/** Call somebody: for a task, or on behalf of a team. */
export function CallOutPage() {
  const mayCall = useMay("operate");
  const { options, trouble } = useOptions(mayCall);
  return (
    <main className={styles["page"]}>
      <div className={styles["column"]}>
        <h1>Call out</h1>
        {!mayCall && <p>This key may not place calls: that asks for the scope operate.</p>}
        {trouble && (
          <p className={styles["trouble"]} role="alert">
            {trouble}
          </p>
        )}
        {options && <Destination options={options} />}
        {options?.from_number && <CallForm options={options} />}
      </div>
    </main>
  );
}

/** Whether a telephone will ring, and how to try it without. */
function Destination({ options: { from_number, carrier, dry_run, countries, quiet_hours } }: { options: Options }) {
  if (!from_number) {
    return (
      <div className={styles["notice"]} data-testid="destination">
        <h2>No account</h2>
        <p>
          Placing calls needs <code>TWILIO_ACCOUNT_SID</code>, <code>TWILIO_AUTH_TOKEN</code> and{" "}
          <code>TWILIO_PHONE_NUMBER</code>. Without an account, the emulator is one: start{" "}
          <code>python -m emulators.twilio serve</code> and set <code>TWILIO_API_URL</code> to what it prints.
        </p>
      </div>
    );
  }
  const where = [...new Set(countries.map(({ code, prefix }) => `${code} (${prefix})`))].join(", ");
  return (
    <div className={styles["notice"]} data-dry={dry_run} data-testid="destination">
      <h2>{dry_run ? "Dry run: nobody’s telephone rings" : "A telephone will ring, and it costs money"}</h2>
      <p>
        From {from_number}, over {dry_run ? `the carrier’s emulator at ${carrier}` : carrier}, to {where || "no country"}
        {quiet_hours === "none" ? "" : `, not from ${quiet_hours.replace("-", " to ")} there`}.{" "}
        {dry_run ? (
          <>
            The last four digits decide who answers: 0010 is busy, 0011 does not answer, 0013 is an answering machine, any
            other is a person who says what the emulator was started with.
          </>
        ) : (
          <>
            For a dry run, start <code>python -m emulators.twilio serve</code> and set <code>TWILIO_API_URL</code> to what it
            prints.
          </>
        )}
      </p>
    </div>
  );
}

function useOptions(allowed: boolean): { options: Options | null; trouble: string } {
  const [options, setOptions] = useState<Options | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    if (!allowed) return;
    const abort = new AbortController();
    fetchOptions(abort.signal).then(setOptions, (error: unknown) => {
      if (!abort.signal.aborted && error instanceof ApiError) setTrouble(error.message);
    });
    return () => abort.abort();
  }, [allowed]);
  return { options, trouble };
}
