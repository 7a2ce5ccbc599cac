import { signOut, useAccess } from "../access/session";
import { Icon } from "../ui/Icon";
import styles from "./AccountMenu.module.css";

/** Who is signed in, and the way out; nothing where nobody signs in. */
export function AccountMenu() {
  const access = useAccess();
  if (access.state !== "in" || access.session.via !== "session") return null;
  const { name, scopes } = access.session;
  return (
    <div className={styles["account"]}>
      <span className={styles["name"]} title={`May ${scopes.join(", ")}`}>
        {name}
      </span>
      <button type="button" aria-label="Sign out" title={`Sign out ${name}`} onClick={() => void signOut()}>
        <Icon name="signOut" size={18} />
      </button>
    </div>
  );
}
