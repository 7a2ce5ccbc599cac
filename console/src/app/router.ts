/** Addresses of the console's pages, without a reload between them. */
import { useSyncExternalStore } from "react";

export type Route =
  /** `team` and `agent` say who is to answer; empty where it is up to the service. */
  | { page: "talk"; team: string; agent: string }
  | { page: "sign-in"; back: string }
  | { page: "live" }
  | { page: "history"; query: URLSearchParams }
  | { page: "agents"; team: string; agent: string }
  | { page: "call-out" }
  | { page: "numbers"; query: URLSearchParams }
  | { page: "call"; from: "live" | "history"; callId: string }
  | { page: "nowhere" };

/** What an address shows. The service hands out the page for these only (bot/app.py). */
export function routeOf(address: string): Route {
  const url = new URL(address, "http://console");
  const [page = "", ...parts] = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (parts.length > (page === "agents" ? 2 : 1)) return { page: "nowhere" };
  const [callId] = parts;
  switch (page) {
    case "":
      return {
        page: "talk",
        team: url.searchParams.get("team") ?? "",
        agent: url.searchParams.get("agent") ?? "",
      };
    case "sign-in":
      return callId ? { page: "nowhere" } : { page: "sign-in", back: ownPath(url) };
    case "live":
      return callId ? { page: "call", from: "live", callId } : { page: "live" };
    case "history":
      return callId
        ? { page: "call", from: "history", callId }
        : { page: "history", query: url.searchParams };
    case "agents":
      return { page: "agents", team: parts[0] ?? "", agent: parts[1] ?? "" };
    case "call-out":
      return { page: callId ? "nowhere" : "call-out" };
    case "numbers":
      return callId ? { page: "nowhere" } : { page: "numbers", query: url.searchParams };
    default:
      return { page: "nowhere" };
  }
}

/** Where to go back to after signing in: a page of ours, whatever the address says. */
function ownPath(url: URL): string {
  const back = url.searchParams.get("back") ?? "/live";
  return /^\/(?![/\\])/.test(back) ? back : "/live";
}

/** The address that asks for a key and then leads back to `address`. */
export function signInAddress(address: string): string {
  const { page } = routeOf(address);
  return page === "sign-in" ? address : `/sign-in?back=${encodeURIComponent(address)}`;
}

/** Where one talks with a team, answered by an agent of it where one is named; both empty for who answers. */
export function talkAddress({ team, agent }: { team: string; agent?: string }): string {
  const query = new URLSearchParams({ ...(team && { team }), ...(agent && { agent }) });
  return query.size > 0 ? `/?${query}` : "/";
}

/** Where a team is shown, and an agent of it. */
export function agentAddress(team: string, agent?: string): string {
  const address = `/agents/${encodeURIComponent(team)}`;
  return agent ? `${address}/${encodeURIComponent(agent)}` : address;
}

export function currentAddress(): string {
  return window.location.pathname + window.location.search;
}

const MOVED = "switchboard:moved";

export function navigate(address: string, { replace = false } = {}): void {
  if (address === currentAddress()) return;
  if (replace) window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
  window.dispatchEvent(new Event(MOVED));
}

function subscribe(moved: () => void): () => void {
  window.addEventListener("popstate", moved);
  window.addEventListener(MOVED, moved);
  return () => {
    window.removeEventListener("popstate", moved);
    window.removeEventListener(MOVED, moved);
  };
}

/** The path and query now; renders again when they change. */
export function useAddress(): string {
  return useSyncExternalStore(subscribe, currentAddress);
}
