import { type ReactNode, useEffect } from "react";
import { Button } from "../ui/Button";
import { findSession, leadToSignIn, useAccess } from "./session";
import styles from "./OperatorsOnly.module.css";

/** Shows a page to those who may see calls; leads others to the sign-in, or says why not. */
export function OperatorsOnly({ children }: { children: ReactNode }) {
  const access = useAccess();
  useEffect(() => {
    if (access.state === "out") leadToSignIn();
  }, [access]);
  if (access.state === "in") return children;
  return (
    <main className={styles["page"]}>
      {access.state === "closed" && (
        <div className={styles["words"]} role="alert">
          <h1>{access.allowed ? "This can’t be shown now" : "Not from here"}</h1>
          <p>{access.reason}</p>
          <Button look="quiet" onClick={() => void findSession()}>
            Try again
          </Button>
        </div>
      )}
    </main>
  );
}
