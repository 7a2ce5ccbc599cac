import { type PointerEvent, type RefObject, useEffect, useRef } from "react";
import { Icon } from "../ui/Icon";
import styles from "./HoldToTalk.module.css";
import { useHold } from "./useHold";

/** Push-to-talk: who holds it, by pointer, touch or key, is heard. */
export function HoldToTalk({
  held,
  ready,
  onHeld,
}: {
  held: boolean;
  /** Whether it can be used: the call runs, and nothing else is asked. */
  ready: boolean;
  onHeld: (held: boolean) => void;
}) {
  const button = useRef<HTMLButtonElement>(null);
  const hold = useHold(button, ready, onHeld);
  useEffect(() => {
    if (ready) takeIdleFocus(button);
  }, [ready]);
  const letGo = () => hold({ type: "release", by: "pointer" });
  const press = (event: PointerEvent<HTMLButtonElement>) => {
    if (event.button !== 0 || !event.isPrimary) return;
    // Let go of outside of the button it is let go of all the same.
    event.currentTarget.setPointerCapture(event.pointerId);
    hold({ type: "press", by: "pointer" });
  };
  return (
    <button
      ref={button}
      type="button"
      className={styles["hold"]}
      aria-pressed={held}
      title="Or hold the space bar"
      disabled={!ready}
      onPointerDown={press}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
      onContextMenu={(event) => event.preventDefault()}
      // A click that no pointer made is an assistive tool's, which can't hold: it switches.
      onClick={({ detail }) => detail === 0 && hold({ type: "press", by: "click" })}
    >
      <Icon name={held ? "mic" : "micOff"} />
      <span>
        <span className={styles["name"]}>Hold to talk</span>
        <span className={styles["words"]}>{held ? "You are heard" : "Microphone off"}</span>
      </span>
    </button>
  );
}

/** Takes the focus where nothing has it, or only what opened a dialog that is closed now. */
function takeIdleFocus(button: RefObject<HTMLButtonElement | null>): void {
  const at = document.activeElement;
  if (!at || at === document.body || at.matches("[data-opens-sound]")) button.current?.focus();
}
