import { useEffect, useRef } from "react";
import { columnsOf, type Peaks } from "../call/playback";
import { useWidth } from "../ui/useWidth";
import styles from "./Player.module.css";

const HEIGHT = 64;
/** Of a column and of the gap after it, in px. */
const COLUMN = 2;
const STEP = 3;

/**
 * Both sides of a recording over time, the caller above the line, the agent below it. A canvas of our
 * own: the libraries for it bring styles of their own into the page, which its policy forbids.
 */
export function Waveform({ peaks, position }: { peaks: Peaks; position: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || width === 0) return;
    const scale = window.devicePixelRatio || 1;
    element.width = Math.round(width * scale);
    element.height = Math.round(HEIGHT * scale);
    context.scale(scale, scale);
    const { color, accentColor, outlineColor } = getComputedStyle(element);
    const columns = Math.floor(width / STEP);
    const heard = (position / peaks.duration_s) * columns;
    const sides = [
      { values: columnsOf(peaks.caller, columns), up: true, colour: outlineColor },
      { values: columnsOf(peaks.agent, columns), up: false, colour: accentColor },
    ];
    for (const { values, up, colour } of sides) {
      values.forEach((value, column) => {
        context.fillStyle = column <= heard ? colour : color;
        const height = Math.max(1, (Math.sqrt(value / 100) * HEIGHT) / 2);
        context.fillRect(column * STEP, up ? HEIGHT / 2 - height : HEIGHT / 2, COLUMN, height);
      });
    }
  }, [peaks, position, width]);
  return <canvas ref={canvas} className={styles["canvas"]} aria-hidden="true" data-testid="waveform" />;
}
