/** The team that answers, as `GET /api/team` describes it. */
import { problemWords } from "../access/api";
import { leadToSignIn } from "../access/session";

export interface TeamAgent {
  name: string;
  description: string;
  voice: string;
  examples: readonly string[];
}

export interface Team {
  name: string;
  title: string;
  /** Whether no model answers but the emulator, which understands expected phrases only. */
  emulated: boolean;
  /** Where it can be dialled, or empty. */
  phoneNumber: string;
  /** Those that a call may ask for. */
  voices: readonly string[];
  agents: readonly TeamAgent[];
}

/** Who is to have a call; empty leaves it to the service. */
export interface Wanted {
  team: string;
  agent: string;
  /** Of every agent; each has its own where this is empty or left out. */
  voice?: string;
}

/** A team that a call may ask for. */
export interface OfferedTeam {
  name: string;
  title: string;
}

/** The service offers no such team, the team has no such agent, or it is not for who asks. */
export class NoTeamError extends Error {}

/** What is wanted as the service takes it. */
export function wishOf({ team, agent, voice }: Wanted): Record<string, string> {
  return { ...(team && { team }), ...(agent && { agent }), ...(voice && { voice }) };
}

/** Asks the service for a team; throws where it can't be reached or answers nonsense. */
export async function fetchTeam(wanted: Wanted, signal?: AbortSignal): Promise<Team> {
  const query = new URLSearchParams(wishOf(wanted));
  const response = await fetch(query.size > 0 ? `/api/team?${query}` : "/api/team", signal ? { signal } : {});
  if (response.status === 401) leadToSignIn();
  if (response.status === 422 || response.status === 403) {
    throw new NoTeamError(problemWords(await response.json(), response.status));
  }
  if (!response.ok) throw new Error(`GET /api/team answered ${response.status}`);
  return asTeam(await response.json());
}

/** Every team that a call may ask for, the one that answers first. */
export async function fetchOfferedTeams(signal: AbortSignal): Promise<OfferedTeam[]> {
  const response = await fetch("/api/teams", { signal });
  const body: unknown = response.ok ? await response.json() : null;
  if (!Array.isArray(body)) throw new Error(`GET /api/teams answered ${response.status} and no list`);
  return body.filter(isRecord).map(({ name, title }) => ({ name: text(name), title: text(title) }));
}

/** The team as it is in a call that asks for `voice`; empty leaves each agent its own. */
export function inVoice(team: Team, voice: string): Team {
  return voice ? { ...team, agents: team.agents.map((agent) => ({ ...agent, voice })) } : team;
}

/** Checks what the service sent; text that is missing becomes empty. */
export function asTeam(body: unknown): Team {
  if (!isRecord(body) || !Array.isArray(body["agents"])) {
    throw new Error("GET /api/team answered something that is not a team");
  }
  const agents = body["agents"].filter(isRecord).map((agent) => ({
    name: text(agent["name"]),
    description: text(agent["description"]),
    voice: text(agent["voice"]),
    examples: texts(agent["examples"]),
  }));
  return {
    name: text(body["name"]),
    title: text(body["title"]),
    emulated: body["engine"] === "emulator",
    phoneNumber: text(body["phone_number"]),
    voices: texts(body["voices"]),
    agents,
  };
}

/** `hotel_booking` as people read it: `Hotel booking`. */
export function spokenName(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text).filter(Boolean) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
