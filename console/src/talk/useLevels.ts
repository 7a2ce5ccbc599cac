import { type RefObject, useEffect } from "react";

const FALL_PER_FRAME = 0.06;

/**
 * Keeps `--level` (0 to 1) of the meters inside `root` at what `read` says, frame by frame and
 * past React. Meters rise at once and fall slowly, so that the eye can follow.
 */
export function useLevels(
  root: RefObject<HTMLElement | null>,
  read: () => { own: number; remote: number },
  running: boolean,
): void {
  useEffect(() => {
    const meters = root.current?.querySelectorAll<HTMLElement>("[data-side]");
    if (!meters || !running) return;
    const shown = { own: 0, remote: 0 };
    let frame = 0;
    const draw = () => {
      const now = read();
      for (const meter of meters) {
        const side = meter.dataset["side"] === "own" ? "own" : "remote";
        shown[side] = Math.max(now[side], shown[side] - FALL_PER_FRAME);
        meter.style.setProperty("--level", shown[side].toFixed(3));
      }
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      for (const meter of meters) meter.style.removeProperty("--level");
    };
  }, [root, read, running]);
}
