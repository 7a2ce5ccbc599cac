import type { CSSProperties } from "react";

/** Hues that stay apart in both themes, in degrees of OKLCH. */
const HUES = [165, 55, 265, 330, 215, 110];

/** A style that gives an agent its colour: by its place in the team, by its name where it is in none. */
export function agentHue(team: { agents: readonly { name: string }[] } | null, name: string): CSSProperties {
  const place = team?.agents.findIndex((agent) => agent.name === name) ?? -1;
  const hue = HUES[(place < 0 ? sumOf(name) : place) % HUES.length] ?? 165;
  return { ["--hue" as string]: hue };
}

function sumOf(name: string): number {
  return [...name].reduce((sum, letter) => (31 * sum + (letter.codePointAt(0) ?? 0)) % 65_521, 0);
}
