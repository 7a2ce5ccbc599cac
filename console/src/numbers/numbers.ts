/** Figures over many calls: `NumbersView` of `GET /api/numbers`, and what is asked of it. */
import { ask } from "../access/api";

export interface Figures {
  calls: number;
  statuses: Readonly<Record<string, number>>;
  cost_usd: number;
  duration_s: number;
  turns: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface PeriodFigures extends Figures {
  start: string;
}

export interface WholeFigures extends Figures {
  outcomes: Readonly<Record<string, number>>;
}

export interface AgentFigures extends WholeFigures {
  team: string;
  agent: string;
}

export interface ToolFigures {
  tool: string;
  calls: number;
  errors: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface Numbers {
  by: By;
  time_zone: string;
  total: WholeFigures;
  periods: readonly PeriodFigures[];
  teams: readonly (WholeFigures & { team: string })[];
  agents: readonly AgentFigures[];
  tools: readonly ToolFigures[];
}

export type By = "day" | "week" | "month";

/** How far back, and how long a period is. */
export const RANGES = [
  { name: "7d", label: "7 days", by: "day", days: 7 },
  { name: "30d", label: "30 days", by: "day", days: 30 },
  { name: "90d", label: "90 days", by: "day", days: 90 },
  { name: "26w", label: "26 weeks", by: "week", days: 26 * 7 },
  { name: "12m", label: "12 months", by: "month", days: 365 },
] as const satisfies readonly { name: string; label: string; by: By; days: number }[];

/** The range of days that somebody has chosen, not so many up to today. */
export const OWN = "own";

/** From the first to the last day, both as ISO 8601 writes them. */
export interface Days {
  from: string;
  to: string;
}

export interface Choice extends Days {
  /** Of `RANGES`, or `OWN`; only that has days of its own. */
  range: string;
  team: string;
  agent: string;
}

const USUAL = "30d";
/** More days than these are counted by weeks, and more than those by months. */
const MOST_BY_DAY = 92;
const MOST_BY_WEEK = 200;
/** The service counts 400 periods at once: so many years of months. */
const MOST_YEARS = 33;
const EARLIEST = "2000-01-01";

/** What an address of the page asks for. */
export function choiceOf(query: URLSearchParams): Choice {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  const wanted = query.get("range") ?? USUAL;
  const range = RANGES.some(({ name }) => name === wanted) ? wanted : USUAL;
  return { range: from || to ? OWN : range, from, to, team: query.get("team") ?? "", agent: query.get("agent") ?? "" };
}

/** The address of the page for a choice. */
export function numbersAddress({ range, from, to, team, agent }: Choice): string {
  const query = new URLSearchParams({
    ...(range === OWN ? { from, to } : range !== USUAL && { range }),
    ...(team && { team }),
    ...(agent && { agent }),
  });
  return query.size > 0 ? `/numbers?${query}` : "/numbers";
}

/** The days of a choice: those of a time zone, up to today there, where it has none of its own. */
export function daysOf({ range, from, to }: Choice, timeZone: string, now: Date): Days {
  if (range === OWN) return { from, to };
  const { days } = RANGES.find(({ name }) => name === range) ?? RANGES[1];
  // Sweden writes days as ISO 8601 does.
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(now);
  const first = noon(today);
  first.setUTCDate(first.getUTCDate() - days + 1);
  return { from: first.toISOString().slice(0, 10), to: today };
}

/** How long the periods are: the longer the range, the longer. */
export function byOf({ range, from, to }: Choice): By {
  const preset = RANGES.find(({ name }) => name === range);
  if (preset) return preset.by;
  const days = daysBetween(from, to) + 1;
  if (days > MOST_BY_WEEK) return "month";
  return days > MOST_BY_DAY ? "week" : "day";
}

/** What is wrong with some days; empty where the service can be asked for them. */
export function mistakeInDays({ from, to }: Days): string {
  if (!isDay(from)) return "The first day is missing";
  if (!isDay(to)) return "The last day is missing";
  if (from < EARLIEST) return "The first day is before the year 2000";
  if (from > to) return "The first day comes after the last";
  return daysBetween(from, to) > MOST_YEARS * 365 ? `More than ${MOST_YEARS} years` : "";
}

function isDay(text: string): boolean {
  const day = noon(text);
  // Of 30 February a browser makes the second of March.
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function daysBetween(from: string, to: string): number {
  return Math.round((noon(to).getTime() - noon(from).getTime()) / 86_400_000);
}

function noon(day: string): Date {
  return new Date(`${day}T12:00:00Z`);
}

/** The query of `GET /api/numbers`, in days of a time zone. */
export function serviceQuery(choice: Choice, timeZone: string, now: Date): URLSearchParams {
  const { team, agent } = choice;
  return new URLSearchParams({
    ...daysOf(choice, timeZone, now),
    by: byOf(choice),
    time_zone: timeZone,
    ...(team && { team }),
    ...(agent && { agent }),
  });
}

export async function fetchNumbers(query: URLSearchParams, signal?: AbortSignal): Promise<Numbers> {
  return (await ask(`/api/numbers?${query}`, signal ? { signal } : {})) as Numbers;
}

/** The name of a period: its day, its week by the first day, or its month. */
export function periodName(start: string, by: By, timeZone: string): string {
  const form = by === "month" ? ({ month: "short", year: "2-digit" } as const) : ({ day: "numeric", month: "short" } as const);
  return new Intl.DateTimeFormat(undefined, { ...form, timeZone }).format(new Date(start));
}

/** Statuses that occur, the usual one first, then by how many calls ended so. */
export function statusesIn({ statuses }: Figures): string[] {
  return Object.entries(statuses)
    .toSorted(([one, many], [other, more]) => Number(other === "completed") - Number(one === "completed") || more - many)
    .map(([status]) => status);
}
