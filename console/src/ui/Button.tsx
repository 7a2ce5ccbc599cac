import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./Button.module.css";

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "className"> {
  look: "primary" | "quiet" | "danger";
  icon?: IconName;
  /** Shows only the icon; then `aria-label` names the button. */
  round?: boolean;
}

export function Button({ look, icon, round, children, ...rest }: ButtonProps) {
  const names = [styles["button"], styles[look], round ? styles["round"] : ""];
  return (
    <button type="button" {...rest} className={names.join(" ")}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
