/** What every event carries. */
export interface Stamped {
  call_id: string;
  /** 1, 2, 3 … within the call; 0 when the sender did not stamp it. */
  sequence: number;
  /** ISO 8601 with time zone. */
  at: string;
}
