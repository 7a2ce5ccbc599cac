import type { CSSProperties } from "react";

/** Hues that stay apart in both themes, in degrees of OKLCH. */
const HUES = [165, 55, 265, 330, 215, 110];

/** A style that gives an agent its colour, by its place in the team. */
export function agentHue(team: { agents: readonly { name: string }[] } | null, name: string): CSSProperties {
  const index = team?.agents.findIndex((agent) => agent.name === name) ?? -1;
  const hue = HUES[Math.max(0, index) % HUES.length] ?? 165;
  return { ["--hue" as string]: hue };
}
