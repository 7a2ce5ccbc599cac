import { type Scope, useAccess } from "../access/session";
import { useOwnCall } from "../talk/ownCall";
import { Icon, type IconName } from "../ui/Icon";
import { Link } from "./Link";
import styles from "./Nav.module.css";
import type { Route } from "./router";

interface Entry {
  page: Route["page"];
  href: string;
  label: string;
  icon: IconName;
  /** Not shown to who is signed in without it. */
  needs?: Scope;
}

const pages: readonly Entry[] = [
  { page: "talk", href: "/", label: "Talk", icon: "phone" },
  { page: "live", href: "/live", label: "Live", icon: "live" },
  { page: "history", href: "/history", label: "History", icon: "history" },
  { page: "numbers", href: "/numbers", label: "Numbers", icon: "numbers" },
  { page: "agents", href: "/agents", label: "Agents", icon: "team" },
  { page: "call-out", href: "/call-out", label: "Call out", icon: "callOut", needs: "operate" },
];

/** The way between the pages. */
export function Nav({ route }: { route: Route }) {
  const access = useAccess();
  const may = ({ needs }: Entry) => !needs || access.state !== "in" || access.session.scopes.includes(needs);
  // Another address of Talk would be another call.
  const talk = useOwnCall()?.address ?? "/";
  const current = route.page === "call" ? route.from : route.page;
  return (
    <nav className={styles["nav"]} aria-label="Pages">
      {pages.filter(may).map(({ page, href, label, icon }) => (
        <Link key={page} href={page === "talk" ? talk : href} aria-current={page === current ? "page" : undefined} title={label}>
          <Icon name={icon} size={18} />
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  );
}
