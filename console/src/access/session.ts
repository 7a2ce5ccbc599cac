/** Who uses the console, and what they may do. */
import { useSyncExternalStore } from "react";
import { currentAddress, navigate, routeOf, signInAddress } from "../app/router";
import { ApiError, ask, setCsrfToken, whenSignedOut } from "./api";

export type Scope = "read" | "operate" | "admin";

export interface Session {
  name: string;
  scopes: readonly Scope[];
  /** `local`: this machine, where the service has no keys. Nobody signs in or out then. */
  via: "key" | "session" | "local" | "public";
}

export type Access =
  | { state: "asking" }
  | { state: "in"; session: Session }
  /** A key is needed. */
  | { state: "out" }
  /** Not `allowed` from here, or the service is away; `reason` says which. */
  | { state: "closed"; allowed: boolean; reason: string };

let access: Access = { state: "asking" };
const listeners = new Set<() => void>();

function become(next: Access): void {
  access = next;
  for (const listener of listeners) listener();
}

function entered(view: unknown): void {
  const { name, scopes, via, csrf_token } = view as Session & { csrf_token: string | null };
  setCsrfToken(csrf_token);
  become({ state: "in", session: { name, scopes, via } });
}

/** Asks the service who this is. */
export async function findSession(): Promise<void> {
  try {
    entered(await ask("/api/session"));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) become({ state: "closed", allowed: error.status !== 403, reason: error.message });
  }
}

/** Signs in with one of the service's keys; throws `ApiError` where it is none. */
export async function signIn(key: string): Promise<void> {
  entered(await ask("/api/session", { method: "POST", body: { key } }));
}

/** Signs out; throws `ApiError` where the service could not be told: the session then goes on. */
export async function signOut(): Promise<void> {
  await ask("/api/session", { method: "DELETE" });
  setCsrfToken(null);
  become({ state: "out" });
  navigate("/sign-in");
}

whenSignedOut(() => {
  setCsrfToken(null);
  become({ state: "out" });
  // Talk may be open to everybody; the other pages are not.
  if (routeOf(currentAddress()).page !== "talk") leadToSignIn();
});

/** To the sign-in, which leads back to where one is now. */
export function leadToSignIn(): void {
  navigate(signInAddress(currentAddress()), { replace: true });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAccess(): Access {
  return useSyncExternalStore(subscribe, () => access);
}

/** Whether the one who is signed in holds a scope. */
export function useMay(scope: Scope): boolean {
  const now = useAccess();
  return now.state === "in" && now.session.scopes.includes(scope);
}
