import { useEffect, useRef } from "react";
import { Meter } from "../talk/LineCard";
import { useLevels } from "../talk/useLevels";
import { Button } from "../ui/Button";
import styles from "./TakeOverPanel.module.css";
import { takeOverWords } from "./takeOverState";
import type { TakeOver } from "./useTakeOver";

/** What an operator sees who talks with the caller: how it stands, both sides' levels, the way back. */
export function TakeOverPanel({ takeOver }: { takeOver: TakeOver }) {
  const { state, levels } = takeOver;
  const speaking = state.stage === "speaking";
  const meters = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLElement>(null);
  useLevels(meters, levels, speaking);
  // The way back is one key away, and Escape or Enter elsewhere do nothing to it.
  useEffect(() => {
    if (speaking) panel.current?.querySelector<HTMLButtonElement>("button:last-of-type")?.focus();
  }, [speaking]);
  return (
    <section className={styles["panel"]} ref={panel} aria-label="Take-over" data-stage={state.stage}>
      <p className={styles["words"]} role="status" data-testid="takeover">
        {takeOverWords(state)}
      </p>
      <div className={styles["meters"]} ref={meters} aria-hidden="true">
        <Meter side="own" label="You" />
        <Meter side="remote" label="Caller" />
      </div>
      <div className={styles["buttons"]}>
        <Button
          look="quiet"
          round
          icon={state.muted ? "micOff" : "mic"}
          aria-label="Turn your microphone off"
          aria-pressed={state.muted}
          title={state.muted ? "Let the caller hear you again" : "The caller no longer hears you"}
          disabled={!speaking}
          onClick={() => takeOver.setMuted(!state.muted)}
        />
        <Button look="primary" icon="back" disabled={!speaking} onClick={takeOver.handBack}>
          Hand back
        </Button>
      </div>
      <p className={styles["trouble"]} role="alert">
        {state.outcome}
      </p>
    </section>
  );
}
