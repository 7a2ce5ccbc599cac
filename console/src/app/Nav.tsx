import { Icon, type IconName } from "../ui/Icon";
import { Link } from "./Link";
import styles from "./Nav.module.css";
import type { Route } from "./router";

const pages: { page: Route["page"]; href: string; label: string; icon: IconName }[] = [
  { page: "talk", href: "/", label: "Talk", icon: "phone" },
  { page: "live", href: "/live", label: "Live", icon: "live" },
  { page: "history", href: "/history", label: "History", icon: "history" },
  { page: "agents", href: "/agents", label: "Agents", icon: "team" },
];

/** The way between the pages. */
export function Nav({ route }: { route: Route }) {
  const current = route.page === "call" ? route.from : route.page;
  return (
    <nav className={styles["nav"]} aria-label="Pages">
      {pages.map(({ page, href, label, icon }) => (
        <Link key={page} href={href} aria-current={page === current ? "page" : undefined} title={label}>
          <Icon name={icon} size={18} />
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  );
}
