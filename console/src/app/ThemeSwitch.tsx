import { useState } from "react";
import { Icon, type IconName } from "../ui/Icon";
import { applyTheme, storedTheme, type Theme } from "./theme";
import styles from "./ThemeSwitch.module.css";

const themes: { theme: Theme; icon: IconName; label: string }[] = [
  { theme: "system", icon: "system", label: "Colours as the system has them" },
  { theme: "light", icon: "sun", label: "Light colours" },
  { theme: "dark", icon: "moon", label: "Dark colours" },
];

export function ThemeSwitch() {
  const [chosen, setChosen] = useState(storedTheme);
  return (
    <div className={styles["switch"]} role="group" aria-label="Colours">
      {themes.map(({ theme, icon, label }) => (
        <button
          key={theme}
          type="button"
          aria-pressed={theme === chosen}
          aria-label={label}
          title={label}
          onClick={() => {
            applyTheme(theme);
            setChosen(theme);
          }}
        >
          <Icon name={icon} size={16} />
        </button>
      ))}
    </div>
  );
}
