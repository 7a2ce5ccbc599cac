import { expect, it } from "vitest";
import type { CallEvent } from "../call/events";
import { spread } from "../call/facts";
import { noView, standing, withCallEvents } from "./callView";

type Sent<E> = E extends CallEvent ? Omit<E, "call_id" | "sequence" | "at"> : never;

function events(...sent: Sent<CallEvent>[]): CallEvent[] {
  return sent.map((each, index) => {
    const at = new Date(Date.UTC(2026, 10, 21, 12, 0, index)).toISOString();
    return { ...each, call_id: "c1", sequence: index + 1, at } as CallEvent;
  });
}

const begins: Sent<CallEvent>[] = [
  {
    type: "call.started",
    team: "travel",
    channel: "phone",
    direction: "inbound",
    from_number: null,
    to_number: null,
    task: null,
    provider_call_id: null,
  },
  { type: "session.state", state: "ready", detail: "" },
  { type: "agent.changed", from_agent: null, to_agent: "front_desk", voice: "marin", reason: "", context: "" },
];

it("has who had the caller and why, what was extracted, and what waits", () => {
  const { facts } = withCallEvents(
    noView,
    events(
      ...begins,
      { type: "agent.changed", from_agent: "front_desk", to_agent: "hotel_booking", voice: "cedar", reason: "a hotel", context: "Paris" },
      { type: "data.extracted", agent: null, data: { city: "Rome", guests: 2 } },
      { type: "data.extracted", agent: null, data: { city: "Paris" } },
      { type: "approval.requested", approval_id: "p1", tool: "cancel-booking", arguments: {}, of: "operator" },
      { type: "approval.requested", approval_id: "p2", tool: "book-hotel", arguments: {}, of: "caller" },
    ),
  );
  expect(facts.turns.map(({ agent, reason }) => [agent, reason])).toEqual([
    ["front_desk", ""],
    ["hotel_booking", "a hotel"],
  ]);
  expect(facts.data).toEqual({ city: "Paris", guests: 2 });
  expect(facts.approvals.map(({ id }) => id)).toEqual(["p1"]);
});

it("says in words where the call stands", () => {
  const live = withCallEvents(noView, events(...begins));
  expect(standing(live)).toBe("Live");
  const mute: Sent<CallEvent> = { type: "operator.action", action: "mute", by: "desk", detail: "agent" };
  expect(standing(withCallEvents(noView, events(...begins, mute)))).toBe("Live, the agent is muted");
  const ended: Sent<CallEvent> = { type: "call.ended", reason: "operator", duration_s: 3 };
  expect(standing(withCallEvents(noView, events(...begins, mute, ended)))).toBe("Over");
});

it("says who speaks with the caller in the agent's place, and puts their words into the conversation", () => {
  const taken: Sent<CallEvent>[] = [
    ...begins,
    { type: "call.taken_over", by: "desk" },
    { type: "operator.transcript", item_id: "o1", by: "desk", text: "A full", final: false },
    { type: "operator.transcript", item_id: "o1", by: "desk", text: "A full refund.", final: true },
  ];
  const speaking = withCallEvents(noView, events(...taken));
  expect(standing(speaking)).toBe("Live, desk speaks with the caller");
  expect(speaking.conversation.entries).toMatchObject([
    { kind: "note", label: "desk", text: "Took the call over" },
    { kind: "operator", by: "desk", text: "A full refund.", final: true },
  ]);
  const back: Sent<CallEvent> = { type: "call.handed_back", by: "desk", reason: "connection_lost" };
  const after = withCallEvents(noView, events(...taken, back));
  expect(standing(after)).toBe("Live");
  expect(after.conversation.entries.at(-1)).toMatchObject({ kind: "note", text: expect.stringContaining("the agent") });
  const ended: Sent<CallEvent> = { type: "call.ended", reason: "caller", duration_s: 3 };
  expect(withCallEvents(noView, events(...taken, ended)).facts.takenBy).toBeNull();
});

it("puts what operators do into the conversation, once", () => {
  const coached: Sent<CallEvent> = { type: "operator.action", action: "coach", by: "desk", detail: "Offer breakfast" };
  const happened = events(...begins, coached);
  const view = withCallEvents(withCallEvents(noView, happened), happened);
  expect(view.conversation.entries).toMatchObject([
    { kind: "note", label: "desk", text: "Told the agent “Offer breakfast”" },
  ]);
});

it("sums up latencies by their median and the worst", () => {
  expect(spread([])).toBeNull();
  expect(spread([900, 500, 700, 2000])).toEqual({ median: 700, worst: 2000 });
});
