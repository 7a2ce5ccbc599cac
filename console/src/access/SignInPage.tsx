import { type FormEvent, useEffect, useState } from "react";
import { navigate } from "../app/router";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { signIn, useAccess } from "./session";
import styles from "./SignInPage.module.css";

/** Asks for a key, then leads back to the page that needed it. */
export function SignInPage({ back }: { back: string }) {
  const access = useAccess();
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  useEffect(() => {
    if (access.state === "in") navigate(back, { replace: true });
  }, [access, back]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!key.trim() || busy) return;
    setBusy(true);
    setRefusal("");
    try {
      await signIn(key.trim());
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className={styles["page"]}>
      <form className={styles["card"]} onSubmit={submit}>
        <h1>Sign in</h1>
        <p className={styles["lead"]}>With one of the keys of this service.</p>
        <label htmlFor="key">API key</label>
        <input
          id="key"
          type="password"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          autoComplete="current-password"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={500}
          aria-invalid={refusal !== ""}
          aria-describedby={refusal ? "refusal" : undefined}
          autoFocus
        />
        <p className={styles["refusal"]} id="refusal" role="alert">
          {refusal && (
            <>
              <Icon name="alert" size={18} />
              {refusal}
            </>
          )}
        </p>
        <Button look="primary" type="submit" disabled={busy || !key.trim()}>
          {busy ? "Signing in …" : "Sign in"}
        </Button>
        <p className={styles["hint"]}>
          Keys are listed in <code>API_KEYS</code>. The browser keeps a session, never the key.
        </p>
      </form>
    </main>
  );
}
