import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** Nearer to the end than this many pixels counts as being there. */
const NEAR_PX = 48;

interface Follow {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLOListElement | null>;
  /** Whether the newest is kept in view; false once the reader has scrolled up. */
  following: boolean;
  follow(): void;
}

/** Keeps the end of growing content in view, unless the reader looks at something earlier. */
export function useFollow(): Follow {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLOListElement>(null);
  const [following, setFollowing] = useState(true);
  const wanted = useRef(true);

  const follow = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    wanted.current = true;
    setFollowing(true);
    box.scrollTop = box.scrollHeight;
  }, []);

  useEffect(() => {
    const [box, inner] = [scroller.current, content.current];
    if (!box || !inner) return;
    let top = box.scrollTop;
    const scrolled = () => {
      // Also our own scrolling ends away from the end where content grew meanwhile; only a
      // reader goes up.
      if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX) wanted.current = true;
      else if (box.scrollTop < top) wanted.current = false;
      top = box.scrollTop;
      setFollowing(wanted.current);
    };
    // Content that grew moves no scroll position, so `wanted` still says what held before.
    const grown = new ResizeObserver(() => {
      if (wanted.current) box.scrollTop = box.scrollHeight;
    });
    box.addEventListener("scroll", scrolled, { passive: true });
    grown.observe(inner);
    grown.observe(box);
    return () => {
      box.removeEventListener("scroll", scrolled);
      grown.disconnect();
    };
  }, []);

  return { scroller, content, following, follow };
}
