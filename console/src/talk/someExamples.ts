import type { Team } from "../call/team";

/** The most telling example of each agent but the one that answers; at most five. */
export function someExamples(team: Team): string[] {
  const specialists = team.agents.length > 1 ? team.agents.slice(1) : team.agents;
  return specialists
    .map(({ examples }) => examples.reduce(richer, ""))
    .filter(Boolean)
    .slice(0, 5);
}

/** Phrases with more slots say more about what an agent can take in; very long ones less. */
function richer(best: string, example: string): string {
  return worth(example) > worth(best) ? example : best;
}

function worth(example: string): number {
  const slots = example.match(/\{\w+\}/g)?.length ?? 0;
  return example.length > 90 || example === "" ? -1 : slots;
}
