/** The filters of the history, as they stand in its address and as the service takes them. */

export const FILTERS = ["text", "status", "outcome", "direction", "team", "agent", "from", "to", "since", "until"] as const;

export type Filter = (typeof FILTERS)[number];

/** The filters of an address: those that are set, and no other parameter. */
export function filtersOf(query: URLSearchParams): Partial<Record<Filter, string>> {
  const found: Partial<Record<Filter, string>> = {};
  for (const name of FILTERS) {
    const value = query.get(name)?.trim();
    if (value) found[name] = value;
  }
  return found;
}

/** The address of the history with these filters. */
export function historyAddress(filters: Partial<Record<Filter, string>>): string {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = filters[name]?.trim();
    if (value) query.set(name, value);
  }
  return query.size > 0 ? `/history?${query}` : "/history";
}

/** The query of `GET /api/calls`. Days are days here, the last one included. */
export function serviceQuery(filters: Partial<Record<Filter, string>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = filters[name];
    if (!value) continue;
    if (name === "since") setMoment(query, name, startOf(value, 0));
    else if (name === "until") setMoment(query, name, startOf(value, 1));
    else if (name !== "text" || /[\p{L}\p{N}_]/u.test(value)) query.set(name, value);
  }
  return query;
}

/** Where the whole list of these filters is a file. */
export function exportPath(filters: Partial<Record<Filter, string>>, format: "csv" | "json"): string {
  const query = serviceQuery(filters);
  query.set("format", format);
  return `/api/calls/export?${query}`;
}

function setMoment(query: URLSearchParams, name: Filter, moment: Date): void {
  if (!Number.isNaN(moment.getTime())) query.set(name, moment.toISOString());
}

function startOf(day: string, later: number): Date {
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + later);
  return date;
}
