import { useId } from "react";
import { navigate, talkAddress } from "../app/router";
import type { OfferedTeam, Team } from "../call/team";
import { Field } from "../ui/Field";
import { Icon } from "../ui/Icon";
import styles from "./Choices.module.css";

/** What can be chosen before a call: the team, a voice for it, and what one speaks with. */
export function Choices({
  team,
  teams,
  voice,
  onVoice,
  sound,
  onSound,
}: {
  team: Team;
  teams: readonly OfferedTeam[];
  /** Empty for each agent's own. */
  voice: string;
  onVoice: (voice: string) => void;
  /** In a few words. */
  sound: string;
  onSound: () => void;
}) {
  const [label, words] = [useId(), useId()];
  return (
    <div className={styles["choices"]} role="group" aria-label="Choices for the call">
      {teams.length > 1 && (
        <Field label="Team">
          <select value={team.name} onChange={({ target }) => navigate(talkAddress({ team: target.value }))}>
            {teams.map(({ name, title }) => (
              <option key={name} value={name}>
                {title || name}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Field label="Voice">
        <select value={voice} onChange={({ target }) => onVoice(target.value)}>
          <option value="">Each agent’s own</option>
          {team.voices.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      <div className={styles["sound"]}>
        <span id={label}>Sound</span>
        <button
          type="button"
          aria-haspopup="dialog"
          aria-labelledby={`${label} ${words}`}
          onClick={onSound}
        >
          <span id={words}>{sound}</span>
          <Icon name="sliders" size={18} />
        </button>
      </div>
    </div>
  );
}
