import { isBusy, isWritten } from "../call/callState";
import type { SpeakingMode } from "../call/speaking";
import type { Call } from "../call/useCall";
import { Button } from "../ui/Button";
import { Composer } from "./Composer";
import styles from "./Dock.module.css";
import { HoldToTalk } from "./HoldToTalk";

/** The controls, always at the same place and of the same height. */
export function Dock({
  call,
  mode,
  holdable,
  onSound,
}: {
  call: Call;
  mode: SpeakingMode;
  /** Whether the page is looked at, with no question before it. */
  holdable: boolean;
  onSound: () => void;
}) {
  const { state } = call;
  if (!isBusy(state)) {
    return (
      <div className={styles["dock"]}>
        <Button look="primary" icon="phone" onClick={() => call.start({ microphone: true })}>
          {state.stage === "over" ? "Call again" : "Start call"}
        </Button>
        <Button look="quiet" icon="keyboard" onClick={() => call.start({ microphone: false })}>
          Type only
        </Button>
      </div>
    );
  }
  const live = state.stage === "live";
  return (
    <div className={styles["dock"]}>
      {state.microphone && mode === "hold" && (
        <div className={styles["hold"]}>
          <HoldToTalk held={state.held} ready={live && holdable} onHeld={call.setHeld} />
        </div>
      )}
      {state.microphone && mode === "open" && (
        <Button
          look="quiet"
          round
          icon={state.muted ? "micOff" : "mic"}
          aria-label="Mute"
          aria-pressed={state.muted}
          title={state.muted ? "Speak again" : "Mute"}
          disabled={!live}
          onClick={() => call.setMuted(!state.muted)}
        />
      )}
      {state.microphone && (
        <Button
          look="quiet"
          round
          icon="sliders"
          aria-label="Sound"
          aria-haspopup="dialog"
          title="Microphone, loudspeaker, push-to-talk"
          data-opens-sound
          onClick={onSound}
        />
      )}
      <Composer enabled={live} only={isWritten(state)} onSend={call.sendText} />
      <Button
        look="danger"
        round
        icon="hangUp"
        aria-label="Hang up"
        title="Hang up"
        onClick={call.hangUp}
      />
    </div>
  );
}
