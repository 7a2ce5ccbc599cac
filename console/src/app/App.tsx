import { lazy, type MouseEvent, Suspense, useEffect, useState } from "react";
import { OperatorsOnly } from "../access/OperatorsOnly";
import { findSession } from "../access/session";
import { useOwnCall } from "../talk/ownCall";
import { OwnCallBar } from "../talk/OwnCallBar";
import { TalkPage } from "../talk/TalkPage";
import { AccountMenu } from "./AccountMenu";
import styles from "./App.module.css";
import { Arrival, focusPage } from "./Arrival";
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
  const address = useAddress();
  const route = routeOf(address);
  const ownCall = useOwnCall();
  const talking = useTalkRoute(route);
  useEffect(() => void findSession(), []);
  useEffect(() => {
    document.title = `${titles[route.page]}Switchboard`;
  }, [route.page]);
  const onTalk = route.page === "talk";
  return (
    <div className={styles["frame"]}>
      <div className={styles["top"]}>
        <header className={styles["header"]}>
          <a className={styles["skip"]} href="#main" onClick={skipToPage}>
            Skip to the page
          </a>
          <Link className={styles["brand"]} href={ownCall?.address ?? "/"} aria-label="Switchboard">
            <img src="/favicon.svg" alt="" width="26" height="26" />
            <span>Switchboard</span>
          </Link>
          <Nav route={route} />
          <AccountMenu />
          <ThemeSwitch />
        </header>
        {!onTalk && ownCall?.running && <OwnCallBar call={ownCall} />}
      </div>
      {(onTalk || ownCall) && (
        // Kept while other pages are looked at: leaving it would hang up.
        <div className={styles["talk"]} hidden={!onTalk}>
          <TalkPage team={talking.team} agent={talking.agent} shown={onTalk} />
        </div>
      )}
      {!onTalk && (
        <Suspense fallback={<main aria-busy="true" />}>
          <PageOf route={route} />
          <Arrival address={address} />
        </Suspense>
      )}
    </div>
  );
}

/** Whom Talk is for: its route, or the last that it had. */
function useTalkRoute(route: Route): TalkRoute {
  const [last, setLast] = useState<TalkRoute>({ page: "talk", team: "", agent: "" });
  if (route.page !== "talk") return last;
  if (route.team !== last.team || route.agent !== last.agent) setLast(route);
  return route;
}

type TalkRoute = Route & { page: "talk" };

function skipToPage(event: MouseEvent): void {
  event.preventDefault();
  focusPage();
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
      return null;
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
