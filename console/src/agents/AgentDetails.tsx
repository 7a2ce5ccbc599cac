import { useMay } from "../access/session";
import { Link } from "../app/Link";
import { agentAddress, talkAddress } from "../app/router";
import { spokenName } from "../call/team";
import { agentHue } from "../talk/agentHue";
import { Example } from "../talk/Example";
import { Icon } from "../ui/Icon";
import styles from "./AgentDetails.module.css";
import type { Agent, TeamInside } from "./teams";

/** One agent: what it is for, what it is told, what it may do, and a call with it. */
export function AgentDetails({ team, agent }: { team: TeamInside; agent: Agent }) {
  const mayTalk = useMay("operate");
  return (
    <article className={styles["agent"]} style={agentHue(team, agent.name)} aria-labelledby="agent-name">
      <header>
        <h2 id="agent-name">{spokenName(agent.name)}</h2>
        <p>{agent.description}</p>
        {mayTalk && (
          <Link className={styles["try"]} href={talkAddress({ team: team.name, agent: agent.name })}>
            <Icon name="phone" />
            Try it out
          </Link>
        )}
      </header>
      <dl>
        <div>
          <dt>Voice</dt>
          <dd>{agent.voice}</dd>
        </div>
        <Colleagues team={team} title="Hands over to" names={agent.handoffs} />
        <Colleagues team={team} title="Asks" names={agent.consults} />
        {agent.greeting && (
          <div>
            <dt>Greeting</dt>
            <dd>
              <q>{agent.greeting}</q>
            </dd>
          </div>
        )}
      </dl>
      {agent.tools.length > 0 && (
        <section>
          <h3>Tools</h3>
          <ul className={styles["tools"]}>
            {agent.tools.map((tool) => (
              <li key={`${tool.server} ${tool.name}`}>
                <code>{tool.name}</code>
                <span>
                  {spokenName(tool.server)}
                  {tool.approver && `, needs the ${tool.approver}’s yes`}
                </span>
                <p>{tool.description}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
      {agent.examples.length > 0 && (
        <section>
          <h3>What callers say</h3>
          <ul className={styles["examples"]}>
            {agent.examples.map((example) => (
              <li key={example}>
                <Example text={example} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>Instructions</h3>
        <div className={styles["instructions"]} data-testid="instructions">
          {partsOf(agent.instructions).map(({ title, text }) => (
            <div key={`${title}${text}`}>
              {title && <h4>{title}</h4>}
              {text && <p>{text}</p>}
            </div>
          ))}
        </div>
      </section>
    </article>
  );
}

function Colleagues({ team, title, names }: { team: TeamInside; title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <div>
      <dt>{title}</dt>
      <dd className={styles["names"]}>
        {names.map((name) => (
          <Link key={name} href={agentAddress(team.name, name)}>
            {spokenName(name)}
          </Link>
        ))}
      </dd>
    </div>
  );
}

/** Instructions by their headings, which are lines that begin with `#`. */
function partsOf(instructions: string): { title: string; text: string }[] {
  return instructions
    .split(/^(?=#+ )/m)
    .map((part) => {
      const [, title = "", text = ""] = /^(?:#+ (.*)(?:\n|$))?([\s\S]*)$/.exec(part) ?? [];
      return { title, text: text.trim() };
    })
    .filter(({ title, text }) => title || text);
}
