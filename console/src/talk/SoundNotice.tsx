import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import styles from "./SoundNotice.module.css";

/** What became of the microphone. The announcer tells it to screen readers. */
export function SoundNotice({ words, onRead }: { words: string; onRead: () => void }) {
  return (
    <div className={styles["notice"]}>
      <Icon name="mic" />
      <p data-testid="sound-notice">{words}</p>
      <Button look="quiet" round icon="cross" aria-label="Close this note" onClick={onRead} />
    </div>
  );
}
