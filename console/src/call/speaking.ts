/** When the caller is heard, and with which microphone, in words. Pure. */

/** `open`: always, unless muted; `hold`: only while a button or key is held (push-to-talk). */
export type SpeakingMode = "open" | "hold";

export function parseMode(stored: string): SpeakingMode {
  return stored === "hold" ? "hold" : "open";
}

export interface Speaking {
  /** Whether the caller muted the open microphone. */
  muted: boolean;
  /** Whether the caller holds the button to talk. */
  held: boolean;
}

/** Whether what the microphone hears is sent. Holding speaks though it had been muted before. */
export function isHeard(mode: SpeakingMode, { muted, held }: Speaking): boolean {
  return mode === "hold" ? held : !muted;
}

/** What holds the button: the pointer, a key, or a click of an assistive tool, which can't hold. */
export type Holder = "pointer" | "key" | "click";

export type HoldAction =
  | { type: "press"; by: Holder }
  | { type: "release"; by: Holder }
  /** The page is left, hidden or no longer looked at: nobody may be heard who does not know it. */
  | { type: "drop" };

/** Who holds it then. The first one keeps it until it lets go; a second click lets go of the first. */
export function holderAfter(holder: Holder | null, action: HoldAction): Holder | null {
  switch (action.type) {
    case "press":
      if (action.by === "click" && holder === "click") return null;
      return holder ?? action.by;
    case "release":
      return holder === action.by ? null : holder;
    case "drop":
      return null;
  }
}

/**
 * What happened to the microphone of a call: it was taken away, and another is used or none is
 * left; or the one that was chosen could not be opened.
 */
export type MicrophoneFault = "replaced" | "silent" | "unopened";

/** What the caller is to know of the microphone, or nothing. `missing` was chosen, and isn't there. */
export function microphoneNotice(fault: MicrophoneFault | null, missing: string): string {
  if (fault === "silent") return "The microphone is gone, and there is no other. Connect one to be heard.";
  if (fault === "unopened") return "That microphone can’t be opened. You are heard by the one before.";
  if (missing) return `“${missing}” isn’t connected. The browser chose another microphone.`;
  return fault === "replaced" ? "The microphone is gone. The browser chose another one." : "";
}

/** What a screen reader is told of the microphone of a call that is live. */
export function microphoneWords(mode: SpeakingMode, { muted, held }: Speaking): string {
  if (mode === "open") return muted ? "You are muted" : "";
  return held ? "You are heard" : "Your microphone is off";
}
