/** Why a call could not be made or was cut, in words that say what to do about it. */

export type TroubleKind =
  | "microphone-blocked"
  | "microphone-missing"
  | "microphone-busy"
  | "insecure-page"
  | "busy"
  | "taken"
  | "refused"
  | "unreachable"
  | "silent-service"
  | "cut";

export interface Trouble {
  kind: TroubleKind;
  title: string;
  advice: string;
}

const advice: Record<TroubleKind, [title: string, advice: string]> = {
  "microphone-blocked": [
    "The microphone is blocked",
    "Allow it for this page in the browser’s site settings and call again, or type instead.",
  ],
  "microphone-missing": [
    "No microphone found",
    "Connect one and call again, or type instead.",
  ],
  "microphone-busy": [
    "The microphone can’t be opened",
    "Another program may be using it. Close that and call again, or type instead.",
  ],
  "insecure-page": [
    "The browser allows no microphone here",
    "Open the page by https or on localhost, or type instead.",
  ],
  busy: ["All lines are busy", "Wait a moment and call again."],
  taken: ["Another operator has the call, or it is about to end", "Look again in a moment."],
  refused: ["The service refused the call", "Its log says why."],
  unreachable: [
    "The service can’t be reached",
    "Check that it runs and that this machine is online, then call again.",
  ],
  "silent-service": [
    "The service doesn’t answer",
    "It is connected, but no agent came on the line. Its log may say why.",
  ],
  cut: ["The connection was lost", "Check the network and call again."],
};

/** The trouble of a kind, with `detail` after its advice where there is more to know. */
export function trouble(kind: TroubleKind, detail = ""): Trouble {
  const [title, text] = advice[kind];
  return { kind, title, advice: detail ? `${text} (${detail})` : text };
}

/** Whether the call could be made without a microphone. */
export function canTypeInstead({ kind }: Trouble): boolean {
  return kind.startsWith("microphone-") || kind === "insecure-page";
}

/** What an exception of `getUserMedia` means. */
export function microphoneTrouble(error: unknown): Trouble {
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return trouble("microphone-blocked");
    case "NotFoundError":
    case "OverconstrainedError":
      return trouble("microphone-missing");
    case "NotSupportedError":
      return trouble("insecure-page");
    default:
      return trouble("microphone-busy", error instanceof Error ? error.message : "");
  }
}

/** What the answer to the offer means, by its HTTP status (0: none came); `null` if it is good. */
export function offerTrouble(status: number): Trouble | null {
  if (status === 0) return trouble("unreachable");
  if (status < 400) return null;
  if (status === 409) return trouble("taken");
  return status === 503 ? trouble("busy") : trouble("refused", `HTTP ${status}`);
}

/**
 * The same, from the WebRTC transport's error: its `cause` is the response that refused the
 * offer, or what `fetch` threw. `null` where only the media did not come through.
 */
export function transportTrouble(error: unknown): Trouble | null {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Response) return offerTrouble(cause.status);
  return cause instanceof TypeError ? offerTrouble(0) : null;
}

/** What the WebSocket transport's error says; 1013 is the close code of a service that is full. */
export function socketTrouble(data: unknown): Trouble {
  return closeCode(data) === 1013 ? trouble("busy") : trouble("unreachable");
}

/** Whether that error is only the service closing the socket at the end of a call. */
export function isOrderlyClose(data: unknown): boolean {
  const code = closeCode(data);
  return code === 1000 || code === 1001;
}

/** The transport reports a close as the text `websocket connection closed. Code: 1000`. */
function closeCode(data: unknown): number | null {
  const found = /Code: (\d{4})/.exec(JSON.stringify(data ?? ""));
  return found ? Number(found[1]) : null;
}
