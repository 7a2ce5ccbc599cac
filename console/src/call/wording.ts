/** Calls in words and figures. */
import type { Status } from "./events";
import { spokenName } from "./team";

interface Parties {
  direction: "inbound" | "outbound";
  channel: string | null;
  from_number: string | null;
  to_number: string | null;
}

/** The other side of a call: a number, or where it comes from. */
export function otherSide({ direction, channel, from_number, to_number }: Parties): string {
  const number = direction === "outbound" ? to_number : from_number;
  if (number) return number;
  if (channel === "webrtc" || channel === "websocket") return "Browser";
  if (channel === "mic") return "Microphone";
  return channel === "phone" ? "Number withheld" : "Unknown";
}

const statusNames: Record<Status, string> = {
  initiated: "Placed",
  ringing: "Ringing",
  in_progress: "Live",
  completed: "Completed",
  failed: "Failed",
  busy: "Busy",
  no_answer: "No answer",
  canceled: "Cancelled",
};

export function statusName(status: Status): string {
  return statusNames[status] ?? spokenName(status);
}

/** What can come of a call, as it is summed up afterwards. */
export const OUTCOMES = [
  "resolved",
  "unresolved",
  "follow_up",
  "transferred",
  "declined",
  "wrong_number",
  "unclear",
] as const;

const reasons: Record<string, string> = {
  caller: "The caller hung up",
  agent: "The agent ended it",
  operator: "An operator ended it",
  transfer: "Put through to a person",
  limit: "It had lasted, or cost, as much as it may",
  error: "It failed",
  shutdown: "The service was shut down",
  lost: "The service died during it",
};

/** Why a call ended. */
export function reasonWords(reason: string | null): string {
  return reason === null ? "" : (reasons[reason] ?? spokenName(reason));
}

// Figures are written as the reader's own locale has them, as dates are.
const dollars = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" });
const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** `0.0312` dollars as `$0.03`; nothing for what is not known. */
export function money(usd: number | null): string {
  if (usd === null) return "";
  return usd > 0 && usd < 0.01 ? `<${dollars.format(0.01)}` : dollars.format(usd);
}

/** `840` ms as `0.8 s`; nothing for what is not known. */
export function seconds(ms: number | null): string {
  return ms === null ? "" : `${tenths.format(ms / 1000)} s`;
}

/** `84` ms as `84 ms`, `1320` as `1.3 s`. */
export function duration(ms: number): string {
  return ms < 999.5 ? `${Math.round(ms)} ms` : seconds(ms);
}

/** `12345` as `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** A figure with one decimal. */
export function decimal(value: number): string {
  return tenths.format(value);
}

/** A long time, such as all calls of a month together: `42 min`, `37 h`. */
export function hours(seconds: number): string {
  const minutes = seconds / 60;
  return minutes < 120 ? `${whole.format(minutes)} min` : `${whole.format(minutes / 60)} h`;
}

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** When a call was: `14:03` today, `21 Nov, 14:03` else, with the year where it is another. */
export function moment(at: string, now: Date = new Date()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  if (date.toDateString() === now.toDateString()) return time.format(date);
  const sameYear = date.getFullYear() === now.getFullYear();
  return `${(sameYear ? day : dayOfYear).format(date)}, ${time.format(date)}`;
}

/** A value of extracted data as text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
