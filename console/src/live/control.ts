/** What an operator does to a live call. Each throws `ApiError`. */
import { ask } from "../access/api";
import { callPath } from "../call/records";
import type { Json } from "../form/values";

type Muted = "caller" | "agent";

async function post(callId: string, action: string, body?: unknown): Promise<void> {
  await ask(`${callPath(callId)}/${action}`, { method: "POST", ...(body ? { body } : {}) });
}

/** The agent is told something; the caller does not hear it. */
export const coach = (callId: string, instruction: string) => post(callId, "coach", { instruction });

/** The agent says these words. */
export const say = (callId: string, text: string) => post(callId, "say", { text });

export const mute = (callId: string, who: Muted) => post(callId, "mute", { who });

export const unmute = (callId: string, who: Muted) => post(callId, "unmute", { who });

/** Tones of keys, towards the other side. */
export const pressKeys = (callId: string, digits: string) => post(callId, "digits", { digits });

export const record = (callId: string, action: "start" | "stop") => post(callId, "recording", { action });

export const end = (callId: string, farewell: string) =>
  post(callId, "end", farewell ? { farewell } : undefined);

/** The agent has the caller again. */
export const handBack = (callId: string) => post(callId, "handback");

export interface Transfer {
  /** E.164, or empty for the number of the team. */
  to: string;
  kind: "warm" | "blind";
  summary: string;
}

export const transfer = (callId: string, { to, kind, summary }: Transfer) =>
  post(callId, "transfer", { ...(to ? { to } : {}), kind, summary });

export const decide = (callId: string, approvalId: string, approve: boolean) =>
  post(callId, `approvals/${encodeURIComponent(approvalId)}`, { approve });

/** What a tool asked is answered, or not: `decline` is a no, `cancel` that nobody answers. */
export type Reply = { action: "accept"; answers: Json } | { action: "decline" | "cancel" };

export const answer = (callId: string, questionId: string, reply: Reply) =>
  post(callId, `elicitations/${encodeURIComponent(questionId)}`, reply);

/** Deletes the call and all that is kept of it, for good. */
export async function erase(callId: string): Promise<void> {
  await ask(callPath(callId), { method: "DELETE" });
}
