import { type RefObject, useCallback, useEffect, useRef } from "react";
import { type HoldAction, holderAfter, type Holder } from "../call/speaking";

/** Where the space bar has a use of its own: it writes, chooses, opens or presses. */
const KEEPS_SPACE =
  'input, textarea, select, button, summary, audio, video, dialog, [role="button"], ' +
  '[contenteditable]:not([contenteditable="false"])';

/**
 * Who holds the button of push-to-talk. The space bar does from anywhere on the page where it has
 * no use of its own, and on the button itself, as does Enter.
 *
 * While not `active`, and once the page is left, hidden or no longer looked at, nobody does.
 *
 * @returns Tells what the button's pointer and clicks do.
 */
export function useHold(
  button: RefObject<HTMLButtonElement | null>,
  active: boolean,
  onHeld: (held: boolean) => void,
): (action: HoldAction) => void {
  const holder = useRef<Holder | null>(null);
  const hold = useCallback(
    (action: HoldAction) => {
      const before = holder.current;
      holder.current = holderAfter(before, action);
      const held = holder.current !== null;
      if (held !== (before !== null)) onHeld(held);
    },
    [onHeld],
  );

  useEffect(() => {
    if (!active) return;
    const drop = () => hold({ type: "drop" });
    const hide = () => document.hidden && drop();
    const down = (event: KeyboardEvent) => {
      // macOS tells of no key that is let go of while this one is down.
      if (event.key === "Meta") return drop();
      if (!speaks(event, button.current)) return;
      event.preventDefault();
      if (!event.repeat) hold({ type: "press", by: "key" });
    };
    const up = (event: KeyboardEvent) => {
      if (event.key !== " " && event.key !== "Enter") return;
      // Else the button would be clicked.
      if (event.target === button.current) event.preventDefault();
      hold({ type: "release", by: "key" });
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", drop);
    window.addEventListener("pagehide", drop);
    document.addEventListener("visibilitychange", hide);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", drop);
      window.removeEventListener("pagehide", drop);
      document.removeEventListener("visibilitychange", hide);
      drop();
    };
  }, [button, active, hold]);

  return hold;
}

function speaks(event: KeyboardEvent, button: HTMLButtonElement | null): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
    return false;
  }
  const { target } = event;
  if (target === button) return event.key === " " || event.key === "Enter";
  return event.key === " " && !(target instanceof Element && target.closest(KEEPS_SPACE));
}
