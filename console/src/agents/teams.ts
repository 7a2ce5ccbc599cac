/** The teams as operators see them: `TeamInside` of `GET /api/agents`. */
import { ask } from "../access/api";

export interface AgentTool {
  name: string;
  description: string;
  server: string;
  destructive: boolean;
  /** Whose yes each call of it needs. */
  approver: "caller" | "operator" | null;
}

export interface Agent {
  name: string;
  description: string;
  instructions: string;
  voice: string;
  greeting: string | null;
  /** Whether it is the one that answers. */
  entry: boolean;
  handoffs: readonly string[];
  consults: readonly string[];
  tool_servers: readonly string[];
  /** What its servers offer now. */
  tools: readonly AgentTool[];
  examples: readonly string[];
}

export interface ToolServer {
  name: string;
  state: string;
  problem: string | null;
}

export interface TeamInside {
  name: string;
  title: string;
  agents: readonly Agent[];
  tool_servers: readonly ToolServer[];
}

/** Every team that calls may ask for. */
export async function fetchTeams(signal?: AbortSignal): Promise<TeamInside[]> {
  return (await ask("/api/agents", signal ? { signal } : {})) as TeamInside[];
}

/** The tools of a server that some agent of the team may call, each once. */
export function toolsOf({ agents }: TeamInside, server: string): string[] {
  const names = agents.flatMap(({ tools }) => tools.filter((tool) => tool.server === server));
  return [...new Set(names.map(({ name }) => name))];
}
