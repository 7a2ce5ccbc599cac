/** What a call takes and costs, and how good it is: processors/events/figures.py. */
import type { Stamped } from "./stamped";

export interface TurnLatency extends Stamped {
  type: "turn.latency";
  latency_ms: number;
}

export interface Usage extends Stamped {
  type: "usage";
  response_id: string;
  model: string;
  input_text_tokens: number;
  input_audio_tokens: number;
  cached_tokens: number;
  cached_audio_tokens: number;
  output_text_tokens: number;
  output_audio_tokens: number;
  audio_s: number;
}

/** What the call has cost so far. */
export interface Cost extends Stamped {
  type: "cost";
  usd: number;
  by_kind: Record<string, number>;
  /** Models whose price is not known. */
  unpriced: string[];
}

export interface CostLimit extends Stamped {
  type: "cost.limit";
  state: "near" | "reached";
  usd: number;
  limit_usd: number;
}

export interface Quality extends Stamped {
  type: "quality";
  jitter_ms: number;
  worst_jitter_ms: number;
  gaps: number;
  missing_ms: number;
  received_ms: number;
  speech_dbfs: number | null;
  noise_dbfs: number;
  clipped: number;
  mos: number;
}

export interface ThresholdExceeded extends Stamped {
  type: "threshold.exceeded";
  figure: "latency_ms" | "tool_ms" | "cost_usd";
  value: number;
  threshold: number;
}

export type Measured =
  | TurnLatency
  | Usage
  | Cost
  | CostLimit
  | Quality
  | ThresholdExceeded;
