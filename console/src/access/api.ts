/** Requests to the service's API, as the signed-in operator. */

/** A request was refused or did not get through; `message` says why, for people. */
export class ApiError extends Error {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Fields of the request that are wrong: dotted names, and what they should be. */
  readonly errors: readonly WrongField[];

  constructor(status: number, message: string, errors: readonly WrongField[] = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export interface WrongField {
  field: string;
  detail: string;
}

export interface Order {
  method?: "GET" | "POST" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

let token: string | null = null;
let onSignedOut: () => void = () => undefined;

/** What every change that a session asks for has to carry. */
export function setCsrfToken(value: string | null): void {
  token = value;
}

export function csrfHeaders(): Record<string, string> {
  return token ? { "X-CSRF-Token": token } : {};
}

/** Calls `listener` whenever the service answers that it does not know who is asking. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/**
 * Asks the service; the answer is its JSON, or `null` where it has no body.
 *
 * Throws `ApiError`. A 401 is also told to `whenSignedOut`.
 */
export async function ask(path: string, { method = "GET", body, headers: more, signal }: Order = {}): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json", ...more };
  if (method !== "GET") Object.assign(headers, csrfHeaders());
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "The service can’t be reached");
  }
  if (response.status === 204) return null;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  if (response.status === 401) onSignedOut();
  throw new ApiError(response.status, problemWords(answer, response.status), wrongFields(answer));
}

/** The `detail` of a problem document (RFC 9457), as a sentence. */
export function problemWords(problem: unknown, status: number): string {
  if (typeof problem === "object" && problem !== null && "detail" in problem) {
    const { detail } = problem;
    if (typeof detail === "string" && detail) return detail.charAt(0).toUpperCase() + detail.slice(1);
  }
  return `The service answered ${status}`;
}

/** The `errors` of a problem document. */
function wrongFields(problem: unknown): readonly WrongField[] {
  if (typeof problem !== "object" || problem === null || !("errors" in problem)) return [];
  return Array.isArray(problem.errors) ? (problem.errors as WrongField[]) : [];
}
