import { useId, useMemo, useRef } from "react";
import { Link } from "../app/Link";
import { agentAddress } from "../app/router";
import { spokenName } from "../call/team";
import { agentHue } from "../talk/agentHue";
import { useWidth } from "../ui/useWidth";
import styles from "./TeamDrawing.module.css";
import { drawTeam } from "./teamLayout";
import type { TeamInside } from "./teams";

/** A team as a drawing: who answers, who hands over to whom, who asks whom, and their tools. */
export function TeamDrawing({ team, current }: { team: TeamInside; current: string }) {
  const page = useRef<HTMLDivElement>(null);
  const room = useWidth(page);
  const { width, height, agents, servers, lines } = useMemo(() => drawTeam(team, room), [team, room]);
  const id = useId();
  const kinds = new Set(lines.map(({ kind }) => kind));
  return (
    <figure className={styles["figure"]}>
      {/* Focusable, so that the arrow keys scroll it where it is wider than the page. */}
      <div
        ref={page}
        className={styles["scroll"]}
        tabIndex={0}
        role="group"
        aria-label={`The team ${team.title}`}
      >
        <div className={styles["drawing"]} style={{ width, height }}>
          <svg width={width} height={height} aria-hidden="true">
            <defs>
              <marker
                id={`${id}-arrow`}
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerUnits="userSpaceOnUse"
                markerWidth="9"
                markerHeight="9"
                orient="auto-start-reverse"
              >
                <path d="M0 0 8 4 0 8Z" className={styles["arrow"]} />
              </marker>
            </defs>
            {lines.map(({ kind, from, to, both, path }) => (
              <path
                key={`${kind} ${from} ${to}`}
                d={path}
                className={styles["line"]}
                data-kind={kind}
                data-current={[from, to].includes(`agent ${current}`)}
                markerEnd={kind === "tools" ? undefined : `url(#${id}-arrow)`}
                markerStart={both ? `url(#${id}-arrow)` : undefined}
              />
            ))}
          </svg>
          <ul>
            {agents.map(({ agent, x, y, width, height }) => (
              <li key={agent.name} style={{ left: x, top: y, width, height }}>
                <Link
                  className={styles["agent"]}
                  style={agentHue(team, agent.name)}
                  href={agentAddress(team.name, agent.name)}
                  aria-current={agent.name === current ? "true" : undefined}
                  data-testid="agent"
                >
                  <span className={styles["name"]}>{spokenName(agent.name)}</span>
                  <span className={styles["voice"]}>{agent.entry ? `${agent.voice}, answers` : agent.voice}</span>
                </Link>
              </li>
            ))}
            {servers.map(({ server, tools, x, y, width, height }) => (
              <li key={server.name} style={{ left: x, top: y, width, height }}>
                <div className={styles["server"]} data-up={server.state === "up"}>
                  <span className={styles["name"]}>{spokenName(server.name)}</span>
                  <span className={styles["voice"]}>{server.state === "up" ? "tools" : server.state}</span>
                  <ul>
                    {tools.map((tool) => (
                      <li key={tool}>{tool}</li>
                    ))}
                  </ul>
                </div>
              </li>
            ))}
          </ul>
        </div>
      </div>
      {kinds.size > 0 && (
        <figcaption className={styles["legend"]}>
          {kinds.has("handoff") && <Key kind="handoff">hands the caller over</Key>}
          {kinds.has("consult") && <Key kind="consult">asks, and goes on talking itself</Key>}
          {kinds.has("tools") && <Key kind="tools">uses tools</Key>}
        </figcaption>
      )}
    </figure>
  );
}

function Key({ kind, children }: { kind: string; children: string }) {
  return (
    <span>
      <svg width="34" height="10" aria-hidden="true">
        <path d="M0 5H34" className={styles["line"]} data-kind={kind} />
      </svg>
      {children}
    </span>
  );
}
