import { Link } from "../app/Link";
import { clock } from "../call/callState";
import { spokenName } from "../call/team";
import { Button } from "../ui/Button";
import { useSecond } from "../ui/useSecond";
import type { OwnCall } from "./ownCall";
import styles from "./OwnCallBar.module.css";

/** Above the other pages: one's own call goes on, and its microphone is open. */
export function OwnCallBar({ call }: { call: OwnCall }) {
  const { address, agent, since, microphone, muted } = call;
  const now = useSecond(true);
  return (
    <section className={styles["bar"]} aria-label="Your call">
      <span className={styles["lamp"]} aria-hidden="true" />
      <p className={styles["words"]}>
        <strong>Your call</strong>
        {agent && <span> with {spokenName(agent)}</span>}
        {muted && <span>, muted</span>}
      </p>
      {since !== null && (
        <time className={styles["clock"]} role="timer">
          {clock((now - since) / 1000)}
        </time>
      )}
      <Link className={styles["back"]} href={address}>
        Back to it
      </Link>
      {microphone && (
        <Button
          look="quiet"
          round
          icon={muted ? "micOff" : "mic"}
          aria-label="Mute yourself"
          aria-pressed={muted}
          disabled={since === null}
          onClick={() => call.setMuted(!muted)}
        />
      )}
      <Button look="danger" round icon="hangUp" aria-label="Hang up" title="Hang up" onClick={call.hangUp} />
    </section>
  );
}
