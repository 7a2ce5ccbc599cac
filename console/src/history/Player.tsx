import { clock } from "../call/callState";
import { Button } from "../ui/Button";
import styles from "./Player.module.css";
import type { Playback } from "./usePlayback";
import { Waveform } from "./Waveform";

/** A recording as a waveform of both sides, which plays. */
export function Player({ playback }: { playback: Playback }) {
  const { audio, source, peaks, trouble, part, parts, setPart, playing, toggle, position, seek } = playback;
  const length = peaks?.duration_s ?? 0;
  return (
    <section className={styles["player"]} aria-label="Recording">
      {/* The transcript beside it says all that is said. */}
      <audio ref={audio} src={source} preload="metadata" />
      <Button
        look="quiet"
        round
        icon={playing ? "pause" : "play"}
        aria-label={playing ? "Pause" : "Play"}
        disabled={!peaks}
        onClick={toggle}
      />
      <div className={styles["wave"]}>
        {peaks && <Waveform peaks={peaks} position={position} />}
        {!peaks && <p>{trouble || "Reading the recording …"}</p>}
        {peaks && (
          <input
            type="range"
            aria-label="Position in the recording"
            aria-valuetext={`${clock(position)} of ${clock(length)}`}
            min={0}
            max={length}
            step={1}
            value={position}
            onChange={({ target }) => seek(Number(target.value))}
          />
        )}
      </div>
      <p className={styles["time"]}>
        {clock(position)} <span>/ {clock(length)}</span>
      </p>
      {parts > 1 && (
        <select aria-label="Part of the recording" value={part} onChange={({ target }) => setPart(Number(target.value))}>
          {Array.from({ length: parts }, (_, index) => (
            <option key={index} value={index}>
              Part {index + 1} of {parts}
            </option>
          ))}
        </select>
      )}
    </section>
  );
}
