import { lazy, Suspense, useEffect } from "react";
import { OperatorsOnly } from "../access/OperatorsOnly";
import { findSession } from "../access/session";
import { TalkPage } from "../talk/TalkPage";
import { AccountMenu } from "./AccountMenu";
import styles from "./App.module.css";
import { Link } from "./Link";
import { Nav } from "./Nav";
import { type Route, routeOf, useAddress } from "./router";
import { ThemeSwitch } from "./ThemeSwitch";

// A caller who talks needs none of these.
const SignInPage = lazy(async () => ({ default: (await import("../access/SignInPage")).SignInPage }));
const LivePage = lazy(async () => ({ default: (await import("../live/LivePage")).LivePage }));
const CallPage = lazy(async () => ({ default: (await import("../live/CallPage")).CallPage }));
const HistoryPage = lazy(async () => ({ default: (await import("../history/HistoryPage")).HistoryPage }));
const AgentsPage = lazy(async () => ({ default: (await import("../agents/AgentsPage")).AgentsPage }));
const CallOutPage = lazy(async () => ({ default: (await import("../callOut/CallOutPage")).CallOutPage }));
const NumbersPage = lazy(async () => ({ default: (await import("../numbers/NumbersPage")).NumbersPage }));

/** The frame that every page of the console sits in. */
export function App() {
  const route = routeOf(useAddress());
  useEffect(() => void findSession(), []);
  useEffect(() => {
    document.title = `${titles[route.page]}Switchboard`;
  }, [route.page]);
  return (
    <div className={styles["frame"]}>
      <header className={styles["header"]}>
        <Link className={styles["brand"]} href="/" aria-label="Switchboard">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          <span>Switchboard</span>
        </Link>
        <Nav route={route} />
        <AccountMenu />
        <ThemeSwitch />
      </header>
      <Suspense fallback={<main aria-busy="true" />}>
        <PageOf route={route} />
      </Suspense>
    </div>
  );
}

const titles: Record<Route["page"], string> = {
  talk: "",
  "sign-in": "Sign in · ",
  live: "Live · ",
  history: "History · ",
  agents: "Agents · ",
  "call-out": "Call out · ",
  numbers: "Numbers · ",
  call: "Call · ",
  nowhere: "",
};

function PageOf({ route }: { route: Route }) {
  switch (route.page) {
    case "talk":
      return <TalkPage team={route.team} agent={route.agent} />;
    case "sign-in":
      return <SignInPage back={route.back} />;
    case "live":
      return (
        <OperatorsOnly>
          <LivePage />
        </OperatorsOnly>
      );
    case "history":
      return (
        <OperatorsOnly>
          <HistoryPage query={route.query} />
        </OperatorsOnly>
      );
    case "agents":
      return (
        <OperatorsOnly>
          <AgentsPage team={route.team} agent={route.agent} />
        </OperatorsOnly>
      );
    case "call-out":
      return (
        <OperatorsOnly>
          <CallOutPage />
        </OperatorsOnly>
      );
    case "numbers":
      return (
        <OperatorsOnly>
          <NumbersPage query={route.query} />
        </OperatorsOnly>
      );
    case "call":
      return (
        <OperatorsOnly>
          <CallPage key={route.callId} callId={route.callId} from={route.from} />
        </OperatorsOnly>
      );
    case "nowhere":
      return (
        <main className={styles["nowhere"]}>
          <h1>There is no such page</h1>
          <Link href="/">Talk to the team</Link>
        </main>
      );
  }
}
