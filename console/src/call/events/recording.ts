/** What is kept of a call, and whether the caller agrees: processors/events/recording.py. */
import type { Stamped } from "./stamped";

export interface RecordingStarted extends Stamped {
  type: "recording.started";
  file: string;
  channels: ("caller" | "agent")[];
}

export interface RecordingFinished extends Stamped {
  type: "recording.finished";
  file: string;
  channels: ("caller" | "agent")[];
  duration_s: number;
  bytes: number;
  sha256: string;
}

export interface Consent extends Stamped {
  type: "consent";
  kind: "recording";
  granted: boolean;
}

export type Recorded = RecordingStarted | RecordingFinished | Consent;
