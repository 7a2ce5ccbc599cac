import type { ReactNode } from "react";

const shapes = {
  phone: (
    <path d="M6.6 3.8 9 3.5l1.6 4-1.9 1.4a11 11 0 0 0 5.4 5.4l1.4-1.9 4 1.6-.3 2.4c-.2 1.6-1.5 2.8-3.1 2.6C9.7 18.3 5 13 4 6.9c-.2-1.6 1-2.9 2.6-3.1Z" />
  ),
  hangUp: (
    <path d="M3.5 15.2c-.9-1-.9-2.6.1-3.5 4.7-4.3 12.1-4.3 16.8 0 1 .9 1 2.5.1 3.5l-1.2 1.3-3.6-1.7-.2-2.5a11 11 0 0 0-7 0l-.2 2.5-3.6 1.7Z" />
  ),
  mic: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
    </>
  ),
  micOff: (
    <>
      <path d="M9 6a3 3 0 0 1 6 0v5m-1 2.3A3 3 0 0 1 9 11V9" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 10.7 5M18.5 11.5c0 .9-.2 1.8-.5 2.6M12 18v3M4 4l16 16" />
    </>
  ),
  sliders: (
    <>
      <path d="M4 8h8m6 0h2M4 16h2m6 0h8" />
      <circle cx="15" cy="8" r="2.5" />
      <circle cx="9" cy="16" r="2.5" />
    </>
  ),
  send: <path d="M12 19V5m-6 6 6-6 6 6" />,
  arrow: <path d="M5 12h14m-5-5 5 5-5 5" />,
  down: <path d="M12 5v14m-6-6 6 6 6-6" />,
  alert: <path d="M12 8.5v4.5m0 3v.01M12 3.5 2.8 19.5h18.4L12 3.5Z" />,
  chevron: <path d="m9 6 6 6-6 6" />,
  keyboard: (
    <>
      <rect x="3" y="6.5" width="18" height="11" rx="2" />
      <path d="M7 10.5h.01M11 10.5h.01M15 10.5h.01M8.5 14h7" />
    </>
  ),
  sun: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4" />
    </>
  ),
  moon: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z" />,
  system: (
    <>
      <rect x="3.5" y="5" width="17" height="11" rx="2" />
      <path d="M9 20h6m-3-4v4" />
    </>
  ),
  live: (
    <>
      <circle cx="12" cy="12" r="2.5" />
      <path d="M7.2 16.8a6.8 6.8 0 0 1 0-9.6m9.6 0a6.8 6.8 0 0 1 0 9.6M4.4 19.6a10.7 10.7 0 0 1 0-15.2m15.2 0a10.7 10.7 0 0 1 0 15.2" />
    </>
  ),
  history: (
    <>
      <path d="M3.5 12a8.5 8.5 0 1 0 2.6-6.1L3.5 8.3V4" />
      <path d="M12 7.5V12l3 2" />
    </>
  ),
  signOut: <path d="M10 4H5.5A1.5 1.5 0 0 0 4 5.5v13A1.5 1.5 0 0 0 5.5 20H10m4-12 4 4-4 4m4-4H9" />,
  back: <path d="M19 12H5m5 5-5-5 5-5" />,
  ear: (
    <path d="M6.5 9.5a5.5 5.5 0 0 1 11 0c0 4-3.5 4.6-3.9 7.6-.3 2.1-1.5 3.4-3.3 3.4-1.7 0-3-1.2-3.3-2.8M9.7 10.2a2.4 2.4 0 0 1 4.8-.4c0 1.6-1.9 2-1.9 3.7" />
  ),
  transfer: <path d="M4 8h13m-3.5-4L17 8l-3.5 4M20 16H7m3.5-4L7 16l3.5 4" />,
  search: <path d="M16 16l4.5 4.5M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z" />,
  download: <path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M4.5 19.5h15" />,
  trash: <path d="M4.5 7h15M9 7V4.5h6V7m-8 0 .7 12.5h8.6L17 7" />,
  speaker: <path d="M4.5 9.5v5H8l4.5 4V5.5L8 9.5H4.5Zm11 .2a3.5 3.5 0 0 1 0 4.6m2.5-7.1a7 7 0 0 1 0 9.6" />,
  speakerOff: <path d="M4.5 9.5v5H8l4.5 4V5.5L8 9.5H4.5Zm11.5.5 4 4m0-4-4 4" />,
  headset: (
    <path d="M4.5 15v-3a7.5 7.5 0 0 1 15 0v3m-15-.5h2.7v5H6a1.5 1.5 0 0 1-1.5-1.5v-3.5Zm15 0h-2.7v5H18a1.5 1.5 0 0 0 1.5-1.5v-3.5Z" />
  ),
  team: (
    <>
      <rect x="3.5" y="9.5" width="6" height="5" rx="1.5" />
      <rect x="15" y="3.5" width="6" height="5" rx="1.5" />
      <rect x="15" y="15.5" width="6" height="5" rx="1.5" />
      <path d="M9.5 12c4 0 1.5-6 5.5-6m-5.5 6c4 0 1.5 6 5.5 6" />
    </>
  ),
  callOut: (
    <path d="M6.6 5.8 9 5.5l1.4 3.6-1.7 1.3a10 10 0 0 0 4.9 4.9l1.3-1.7 3.6 1.4-.3 2.4c-.2 1.4-1.4 2.4-2.8 2.2C9.5 18.7 5.3 14.5 4.4 8.6c-.2-1.4.8-2.6 2.2-2.8ZM14.5 9.5 20 4m0 0h-4.500M20 4v4.500" />
  ),
  recordDot: <circle cx="12" cy="12" r="6.5" />,
  stop: <rect x="6" y="6" width="12" height="12" rx="2" />,
  person: <path d="M12 12.2a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8a7.5 7.5 0 0 1 15 0" />,
  play: <path d="M8 5.5v13l10.5-6.5L8 5.5Z" />,
  pause: <path d="M8.5 5.5v13m7-13v13" />,
  numbers: <path d="M4 20h16M7 16v-5m5 5V5m5 11V9" />,
  check: <path d="m5 12.5 4.5 4.5L19 7" />,
  cross: <path d="M6 6l12 12M18 6 6 18" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof shapes;

/** A line drawing beside a text or in a labelled button; hidden from screen readers. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  );
}
