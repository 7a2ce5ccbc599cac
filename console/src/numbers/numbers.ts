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

export interface Choice {
  range: string;
  team: string;
  agent: string;
}

const USUAL = "30d";

/** What an address of the page asks for. */
export function choiceOf(query: URLSearchParams): Choice {
  const wanted = query.get("range") ?? USUAL;
  const range = RANGES.some(({ name }) => name === wanted) ? wanted : USUAL;
  return { range, team: query.get("team") ?? "", agent: query.get("agent") ?? "" };
}

/** The address of the page for a choice. */
export function numbersAddress({ range, team, agent }: Choice): string {
  const query = new URLSearchParams({
    ...(range !== USUAL && { range }),
    ...(team && { team }),
    ...(agent && { agent }),
  });
  return query.size > 0 ? `/numbers?${query}` : "/numbers";
}

/** The query of `GET /api/numbers`, in days of a time zone, up to today there. */
export function serviceQuery({ range, team, agent }: Choice, timeZone: string, now: Date): URLSearchParams {
  const { by, days } = RANGES.find(({ name }) => name === range) ?? RANGES[1];
  // Sweden writes days as ISO 8601 does.
  const day = (date: Date) => new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(date);
  const today = day(now);
  const first = new Date(`${today}T12:00:00Z`);
  first.setUTCDate(first.getUTCDate() - days + 1);
  return new URLSearchParams({
    from: first.toISOString().slice(0, 10),
    to: today,
    by,
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
