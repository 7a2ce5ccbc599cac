/** Addresses of the console's pages, without a reload between them. */
import { useSyncExternalStore } from "react";

export type Route =
  | { page: "talk" }
  | { page: "sign-in"; back: string }
  | { page: "live" }
  | { page: "history"; query: URLSearchParams }
  | { page: "call"; from: "live" | "history"; callId: string }
  | { page: "nowhere" };

/** What an address shows. The service hands out the page for these only (bot/app.py). */
export function routeOf(address: string): Route {
  const url = new URL(address, "http://console");
  const [page = "", callId, ...rest] = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (rest.length > 0) return { page: "nowhere" };
  switch (page) {
    case "":
      return { page: "talk" };
    case "sign-in":
      return callId ? { page: "nowhere" } : { page: "sign-in", back: ownPath(url) };
    case "live":
      return callId ? { page: "call", from: "live", callId } : { page: "live" };
    case "history":
      return callId
        ? { page: "call", from: "history", callId }
        : { page: "history", query: url.searchParams };
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
