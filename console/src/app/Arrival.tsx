import { useEffect } from "react";

/** What comes late, such as a row of a list, is waited for this long. */
const LATE_MS = 3000;

/** Where one was before, by address. */
let left = "";

/**
 * Gives the keyboard a place on a page that was just opened, where the link that led here is gone:
 * coming back, the link that led away; else the page itself.
 */
export function Arrival({ address }: { address: string }): null {
  useEffect(() => {
    const from = left;
    left = address;
    if (!from || hasFocus()) return;
    focusPage();
    // On a call's page the list it belongs to has a link as well: that leads on, not back.
    if (!from.startsWith(`${address.split("?")[0]}/`)) return;
    const page = document.querySelector("main:not([hidden] *)");
    if (!page) return;
    const find = () => {
      const link = page.querySelector<HTMLElement>(`a[href="${CSS.escape(from)}"]`);
      if (!link) return;
      stop();
      if (document.activeElement === page) link.focus();
    };
    const grown = new MutationObserver(find);
    const timer = setTimeout(stop, LATE_MS);
    function stop() {
      grown.disconnect();
      clearTimeout(timer);
    }
    grown.observe(page, { childList: true, subtree: true });
    find();
    return stop;
  }, [address]);
  return null;
}

/** Puts the keyboard's focus on what the page shows below its header. */
export function focusPage(): void {
  const page = document.querySelector<HTMLElement>("main:not([hidden] *)");
  if (!page) return;
  page.tabIndex = -1;
  page.focus({ preventScroll: true });
}

function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}
