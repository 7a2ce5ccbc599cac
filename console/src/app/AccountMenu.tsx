import { useId, useState } from "react";
import { type Scope, signOut, useAccess } from "../access/session";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import styles from "./AccountMenu.module.css";

const rights: Record<Scope, string> = {
  read: "See and hear calls, records and figures",
  operate: "Place calls, speak into them, take them over and end them",
  admin: "Delete calls",
};

/** Who is signed in, what they may do, and the way out; nothing where nobody signs in. */
export function AccountMenu() {
  const access = useAccess();
  const menu = useId();
  const [refusal, setRefusal] = useState("");
  if (access.state !== "in" || access.session.via !== "session") return null;
  const { name, scopes } = access.session;
  const leave = () => {
    setRefusal("");
    signOut().catch((error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)));
  };
  return (
    <div className={styles["account"]}>
      <button type="button" popoverTarget={menu} aria-label={`Account ${name}`} title={`Signed in as ${name}`}>
        <Icon name="person" size={18} />
        <span className={styles["name"]}>{name}</span>
      </button>
      {/* The browser opens and closes it, and gives the focus back. */}
      <div id={menu} popover="auto" className={styles["menu"]} role="group" aria-label="Account">
        <p className={styles["who"]}>
          Signed in as <strong>{name}</strong>
        </p>
        <ul>
          {(["read", "operate", "admin"] as const).map((scope) => {
            const may = scopes.includes(scope);
            return (
              <li key={scope} data-may={may}>
                <Icon name={may ? "check" : "cross"} size={16} />
                <span>
                  {!may && <span className="visually-hidden">Not: </span>}
                  {rights[scope]}
                </span>
              </li>
            );
          })}
        </ul>
        <Button look="quiet" icon="signOut" onClick={leave}>
          Sign out
        </Button>
        {refusal && <p role="alert">{refusal}</p>}
      </div>
    </div>
  );
}
