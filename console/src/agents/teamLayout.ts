/** Where agents and tool servers stand in the drawing of a team. Pure. */
import { Graph, layout } from "@dagrejs/dagre";
import { type Agent, type TeamInside, type ToolServer, toolsOf } from "./teams";

export interface Box {
  /** Of the upper left corner, in px. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Line = {
  kind: "handoff" | "consult" | "tools";
  from: string;
  to: string;
  /** Whether it leads both ways. */
  both: boolean;
  /** Of the path in SVG. */
  path: string;
};

export interface Drawing {
  width: number;
  height: number;
  agents: readonly (Box & { agent: Agent })[];
  servers: readonly (Box & { server: ToolServer; tools: readonly string[] })[];
  lines: readonly Line[];
}

const AGENT = { width: 176, height: 60 };
const SERVER = { width: 212, head: 44, line: 21 };
/** Between the columns, in px. */
const BETWEEN = 84;
/** Where there is little room: an agent's width, and what is between the columns. */
const NARROW = { width: 156, between: 36 };
const MARGIN = 4;
/** Lines keep as far from the corners of a box. */
const CORNER = 6;
/** What dagre gives a line between neighbours: its ends, and the middle. */
const ADJACENT_POINTS = 3;

/**
 * Draws a team from left to right: who answers, colleagues, what they work with. Where that is wider
 * than ``room`` px, without the tool servers, and closer together: it may then fit, as on a phone.
 */
export function drawTeam(team: TeamInside, room = Infinity): Drawing {
  const whole = drawn(team, AGENT.width, BETWEEN);
  return whole.width <= room ? whole : drawn({ ...team, tool_servers: [] }, NARROW.width, NARROW.between);
}

function drawn(team: TeamInside, agentWidth: number, ranksep: number): Drawing {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 18, edgesep: 14, ranksep, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of team.agents) graph.setNode(agentId(name), { ...AGENT, width: agentWidth });
  for (const { name } of team.tool_servers) {
    const height = SERVER.head + SERVER.line * toolsOf(team, name).length;
    graph.setNode(serverId(name), { width: SERVER.width, height });
  }
  const lines = linesOf(team);
  for (const { kind, from, to } of lines) graph.setEdge(from, to, {}, kind);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    agents: team.agents.map((agent) => ({ ...boxOf(graph, agentId(agent.name)), agent })),
    servers: team.tool_servers.map((server) => ({
      ...boxOf(graph, serverId(server.name)),
      server,
      tools: toolsOf(team, server.name),
    })),
    lines: withPaths(graph, lines),
  };
}

/**
 * Lines leave a box at its right and arrive at another's left, side by side in the order of where
 * they lead. What dagre found between is kept for lines that pass other boxes by.
 */
function withPaths(graph: Graph, lines: readonly Omit<Line, "path">[]): Line[] {
  const heightAt = (id: string, lineOf: Omit<Line, "path">, end: "from" | "to") => {
    const other = end === "from" ? "to" : "from";
    const here = lines.filter((line) => line[end] === id);
    const sorted = here.toSorted((one, two) => graph.node(one[other]).y - graph.node(two[other]).y);
    const { y, height } = graph.node(id) as Box;
    const share = (sorted.indexOf(lineOf) + 1) / (here.length + 1);
    return y + (share - 0.5) * (height - 2 * CORNER);
  };
  return lines.map((line) => {
    const [from, to] = [graph.node(line.from) as Box, graph.node(line.to) as Box];
    const { points } = graph.edge(line.from, line.to, line.kind) as { points: Point[] };
    const path = pathThrough([
      { x: from.x + from.width / 2, y: heightAt(line.from, line, "from") },
      ...(points.length > ADJACENT_POINTS ? points.slice(1, -1) : []),
      { x: to.x - to.width / 2, y: heightAt(line.to, line, "to") },
    ]);
    return { ...line, path };
  });
}

type Point = { x: number; y: number };

function agentId(name: string): string {
  return `agent ${name}`;
}

function serverId(name: string): string {
  return `server ${name}`;
}

/** Each pair of agents once, from the earlier to the later one: there and back is one line. */
function linesOf({ agents, tool_servers }: TeamInside): Omit<Line, "path">[] {
  const servers = new Set(tool_servers.map(({ name }) => name));
  const lines: Omit<Line, "path">[] = [];
  agents.forEach((one, index) => {
    for (const kind of ["handoff", "consult"] as const) {
      const reach = kind === "handoff" ? "handoffs" : "consults";
      for (const other of agents.slice(index + 1)) {
        const there = one[reach].includes(other.name);
        const back = other[reach].includes(one.name);
        const [from, to] = there ? [one, other] : [other, one];
        if (there || back) {
          lines.push({ kind, from: agentId(from.name), to: agentId(to.name), both: there && back });
        }
      }
    }
    for (const server of one.tool_servers) {
      if (servers.has(server)) {
        lines.push({ kind: "tools", from: agentId(one.name), to: serverId(server), both: false });
      }
    }
  });
  return lines;
}

function boxOf(graph: Graph, id: string): Box {
  const { x, y, width, height } = graph.node(id) as Box;
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** A line that leaves and arrives level. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let from = first;
  let path = `M${round(first)}`;
  for (const to of rest) {
    const middle = (from.x + to.x) / 2;
    path += `C${round({ x: middle, y: from.y })} ${round({ x: middle, y: to.y })} ${round(to)}`;
    from = to;
  }
  return path;
}

function round({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
