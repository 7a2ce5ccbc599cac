/** What came of a call: processors/events/outcome.py. */
import type { Stamped } from "./stamped";

export interface DataExtracted extends Stamped {
  type: "data.extracted";
  agent: string | null;
  /** Later values replace earlier ones by name. */
  data: Record<string, unknown>;
}

/** What came of a call; comes after its end. */
export interface CallSummarised extends Stamped {
  type: "call.summary";
  summary: string;
  intent: string;
  outcome: string;
  data: Record<string, unknown>;
  model: string;
}

export type CallOutcome = DataExtracted | CallSummarised;
