import { describe, expect, it } from "vitest";
import type { CallEvent } from "../call/events";
import type { CallSummary } from "../call/records";
import {
  inOrder,
  LINGER_MS,
  type LiveCalls,
  matches,
  noCalls,
  withEvents,
  withListed,
  withoutOld,
  withPast,
} from "./liveCalls";

type Sent<E> = E extends CallEvent ? Omit<E, "call_id" | "sequence" | "at"> : never;

let sequence = 0;

function event(callId: string, sent: Sent<CallEvent>): CallEvent {
  sequence += 1;
  const at = new Date(Date.UTC(2026, 10, 21, 12, 0, sequence)).toISOString();
  return { ...sent, call_id: callId, sequence, at } as CallEvent;
}

const started: Sent<CallEvent> = {
  type: "call.started",
  team: "travel",
  channel: "phone",
  direction: "inbound",
  from_number: "+14155550123",
  to_number: null,
  task: null,
  provider_call_id: "CA1",
};
const ended: Sent<CallEvent> = { type: "call.ended", reason: "caller", duration_s: 3 };

function agent(text: string, interrupted = false): Sent<CallEvent> {
  return { type: "agent.transcript", item_id: "a1", agent: "front_desk", text, final: true, interrupted };
}

function listed(id: string, more: Partial<CallSummary> = {}): CallSummary {
  return {
    id,
    status: "in_progress",
    reason: null,
    outcome: null,
    direction: "inbound",
    channel: "phone",
    team: "travel",
    task: null,
    agent: "front_desk",
    from_number: "+14155550199",
    to_number: null,
    intent: null,
    summary: null,
    cost_usd: 0.02,
    created_at: "2026-11-21T11:00:00Z",
    started_at: "2026-11-21T11:00:01Z",
    ended_at: null,
    duration_s: null,
    ...more,
  };
}

function after(state: LiveCalls, ...events: CallEvent[]): LiveCalls {
  return withEvents(state, events, 1000);
}

describe("a call in the list", () => {
  it("appears with its first event and says who, by whom, and what was said last", () => {
    const state = after(
      noCalls,
      event("c1", started),
      event("c1", { type: "agent.changed", from_agent: null, to_agent: "front_desk", voice: "marin", reason: "", context: "" }),
      event("c1", { type: "user.transcript", item_id: "u1", text: "Hello", final: true }),
      event("c1", agent("How can I help?", true)),
      event("c1", { type: "turn.latency", latency_ms: 640 }),
    );
    expect(state.calls.get("c1")).toMatchObject({
      from_number: "+14155550123",
      agent: "front_desk",
      latencyMs: 640,
      words: { speaker: "agent", text: "How can I help?", interrupted: true },
    });
  });

  it("stays for a while after its end and then goes", () => {
    const state = after(noCalls, event("c1", started), event("c1", ended));
    expect(state.calls.get("c1")).toMatchObject({ overAt: 1000, reason: "caller" });
    expect(withoutOld(state, 1000 + LINGER_MS - 1)).toBe(state);
    expect(withoutOld(state, 1000 + LINGER_MS).calls.size).toBe(0);
  });

  it("is not brought back by a list that was made before its end, nor by what comes after", () => {
    const over = withoutOld(after(noCalls, event("c1", started), event("c1", ended)), 60_000);
    expect(withListed(over, [listed("c1")], 0).calls.size).toBe(0);
    expect(after(over, event("c1", { type: "turn.latency", latency_ms: 1 })).calls.size).toBe(0);
  });

  it("is known from the list, with its last words and what waits from its events", () => {
    const past = [
      event("c1", { type: "user.transcript", item_id: "u1", text: "a hotel", final: true }),
      event("c1", { type: "turn.latency", latency_ms: 700 }),
      event("c1", { type: "approval.requested", approval_id: "p1", tool: "x", arguments: {}, of: "operator" }),
    ];
    const state = withListed(noCalls, [listed("c1")], 5);
    expect(withPast(state, "c1", past).calls.get("c1")).toMatchObject({
      costUsd: 0.02,
      words: { speaker: "caller", text: "a hotel" },
      latencyMs: 700,
      waiting: [{ id: "p1", of: "approval" }],
    });
    const later = after(state, event("c1", agent("Sure")));
    expect(withPast(later, "c1", past).calls.get("c1")?.words?.text).toBe("Sure");
  });

  it("goes when a later list lacks it, unless it began since that was asked for", () => {
    const state = after(withListed(noCalls, [listed("old")], 5), event("new", started));
    expect([...withListed(state, [], 900).calls.keys()]).toEqual(["new"]);
  });

  it("shows an outbound call while it rings, and that nobody answered", () => {
    const status = (now: "ringing" | "no_answer"): Sent<CallEvent> => ({
      type: "call.status",
      status: now,
      team: "travel",
      direction: "outbound",
      from_number: "+1",
      to_number: "+2",
      task: "notification",
      provider_call_id: null,
      provider_sequence: null,
      detail: "",
    });
    const ringing = after(noCalls, event("c1", status("ringing")));
    expect(ringing.calls.get("c1")).toMatchObject({ status: "ringing", overAt: null, to_number: "+2" });
    expect(after(ringing, event("c1", status("no_answer"))).calls.get("c1")?.overAt).toBe(1000);
  });

  it("says what waits for an operator until it was decided or answered", () => {
    const question = { type: "elicitation.requested", tool: "book", message: "Which room?", answers: {}, required: [] as string[] } as const;
    const waits = after(
      noCalls,
      event("c1", started),
      event("c1", { type: "approval.requested", approval_id: "p1", tool: "cancel-booking", arguments: {}, of: "operator" }),
      event("c1", { ...question, elicitation_id: "q1", of: "operator" }),
      event("c1", { ...question, elicitation_id: "q2", of: "caller" }),
    );
    expect(waits.calls.get("c1")?.waiting).toEqual([
      { id: "p1", of: "approval" },
      { id: "q1", of: "answer" },
    ]);
    const decided = event("c1", { type: "approval.decided", approval_id: "p1", decision: "approved", by: "desk" });
    const answered = event("c1", { type: "elicitation.answered", elicitation_id: "q1", action: "accept", by: "desk" });
    expect(after(waits, decided).calls.get("c1")?.waiting).toEqual([{ id: "q1", of: "answer" }]);
    expect(after(waits, decided, answered).calls.get("c1")?.waiting).toEqual([]);
  });
});

describe("many calls", () => {
  it("stand newest first, and those without news stay the same objects", () => {
    const state = after(noCalls, event("c1", started), event("c2", started));
    expect(inOrder(state.calls).map(({ id }) => id)).toEqual(["c2", "c1"]);
    const next = after(state, event("c2", agent("Hello")));
    expect(next.calls.get("c1")).toBe(state.calls.get("c1"));
  });

  it("are found by number, agent and words", () => {
    const [call] = inOrder(after(noCalls, event("c1", started), event("c1", agent("Paris it is"))).calls);
    expect(call && matches(call, "4155550123 paris")).toBe(true);
    expect(call && matches(call, "rome")).toBe(false);
  });

  it("change nothing by an event that was seen before", () => {
    const [first, hello] = [event("c1", started), event("c1", agent("Hello"))];
    const state = after(noCalls, first, hello);
    const again = after(state, { ...hello, text: "old" } as CallEvent);
    expect(again.calls.get("c1")?.words?.text).toBe("Hello");
  });
});
