import { expect, it } from "vitest";
import { drawTeam } from "./teamLayout";
import type { Agent, TeamInside } from "./teams";

function agent(name: string, reach: Partial<Agent> = {}): Agent {
  return {
    name,
    description: "",
    instructions: "",
    voice: "marin",
    greeting: null,
    entry: false,
    handoffs: [],
    consults: [],
    tool_servers: [],
    tools: [],
    examples: [],
    ...reach,
  };
}

const search = { name: "search", description: "", server: "booking", destructive: false, approver: null };
const team: TeamInside = {
  name: "travel",
  title: "Travel",
  agents: [
    agent("desk", { handoffs: ["hotels", "flights"], consults: ["hotels"] }),
    agent("hotels", { handoffs: ["desk"], tool_servers: ["booking"], tools: [search] }),
    agent("flights", { tool_servers: ["booking", "elsewhere"], tools: [search] }),
  ],
  tool_servers: [{ name: "booking", state: "up", problem: null }],
};

it("draws each agent and server apart from the others, within the drawing", () => {
  const { agents, servers, width, height } = drawTeam(team);
  const boxes = [...agents, ...servers];
  for (const one of boxes) {
    expect(one.x).toBeGreaterThanOrEqual(0);
    expect(one.x + one.width).toBeLessThanOrEqual(width);
    expect(one.y + one.height).toBeLessThanOrEqual(height);
    for (const other of boxes.filter((each) => each !== one)) {
      const apart =
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      expect(apart).toBe(true);
    }
  }
  expect(servers[0]?.tools).toEqual(["search"]);
});

it("draws there and back as one line, and what an agent asks as another", () => {
  const lines = drawTeam(team).lines.map(({ kind, from, to, both }) => [kind, from, to, both]);
  expect(lines).toContainEqual(["handoff", "agent desk", "agent hotels", true]);
  expect(lines).toContainEqual(["handoff", "agent desk", "agent flights", false]);
  expect(lines).toContainEqual(["consult", "agent desk", "agent hotels", false]);
  expect(lines.filter(([kind]) => kind === "tools")).toHaveLength(2);
});

it("draws agents that know nobody", () => {
  const alone = { ...team, agents: [agent("one"), agent("two")], tool_servers: [] };
  const { agents, lines } = drawTeam(alone);
  expect(agents).toHaveLength(2);
  expect(lines).toEqual([]);
});

it("leaves the tool servers out where there is no room for them", () => {
  const whole = drawTeam(team);
  expect(drawTeam(team, whole.width)).toEqual(whole);
  const narrow = drawTeam(team, whole.width - 1);
  expect(narrow.width).toBeLessThan(360);
  expect(narrow.agents.map(({ agent }) => agent.name)).toEqual(["desk", "hotels", "flights"]);
  expect(narrow.servers).toEqual([]);
  expect(narrow.lines.map(({ kind }) => kind)).not.toContain("tools");
});
