import { describe, expect, it } from "vitest";
import { type Conversation, emptyConversation, withEvent, withSaid } from "./conversation";
import type { CallEvent } from "./events";

type Sent<E> = E extends CallEvent ? Omit<E, "call_id" | "sequence" | "at"> : never;

/** The conversation after these events, one second apart. */
function after(...events: Sent<CallEvent>[]): Conversation {
  return events.reduce<Conversation>((conversation, event, index) => {
    const at = new Date(Date.UTC(2026, 10, 21, 12, 0, index)).toISOString();
    const stamped = { ...event, call_id: "call-1", sequence: index + 1, at } as CallEvent;
    return withEvent(conversation, stamped);
  }, emptyConversation);
}

const speaks: Sent<CallEvent> = { type: "user.speech", speaking: true };
const stops: Sent<CallEvent> = { type: "user.speech", speaking: false };

function caller(item_id: string, text: string, final = true): Sent<CallEvent> {
  return { type: "user.transcript", item_id, text, final };
}

function agent(item_id: string, text: string, final = true, interrupted = false): Sent<CallEvent> {
  return { type: "agent.transcript", item_id, agent: "front_desk", text, final, interrupted };
}

function lines(conversation: Conversation): string[] {
  return conversation.entries.map((entry) =>
    entry.kind === "caller" || entry.kind === "agent" ? `${entry.kind}: ${entry.text}` : entry.kind,
  );
}

describe("what the caller says", () => {
  it("stands where the caller began to speak, though its text comes after the answer", () => {
    const conversation = after(
      speaks,
      stops,
      agent("a1", "Sure,", false),
      caller("u1", "a hotel in Paris"),
      agent("a1", "Sure, when?"),
    );
    expect(lines(conversation)).toEqual(["caller: a hotel in Paris", "agent: Sure, when?"]);
  });

  it("replaces its partial text by the final one", () => {
    const conversation = after(speaks, caller("u1", "a hot", false), stops, caller("u1", "a hotel"));
    expect(lines(conversation)).toEqual(["caller: a hotel"]);
    expect(conversation.entries[0]).toMatchObject({ final: true });
  });

  it("is shown when it was typed, without speech", () => {
    expect(lines(after(caller("u1", "hello")))).toEqual(["caller: hello"]);
  });

  it("leaves nothing behind when it was noise", () => {
    expect(lines(after(speaks, stops, caller("u1", "")))).toEqual([]);
  });

  it("is given up when it was answered in full and still has no transcript", () => {
    const reply = agent("a1", "Sorry?", false);
    expect(lines(after(speaks, stops, reply))).toEqual(["caller: ", "agent: Sorry?"]);
    expect(lines(after(speaks, stops, reply, agent("a1", "Sorry?")))).toEqual(["agent: Sorry?"]);
  });

  it("gives up the place of noise that never got a transcript", () => {
    const filler = Array.from({ length: 9 }, () => agent("a1", "One moment", false));
    const conversation = after(speaks, stops, ...filler, speaks, caller("u2", "hello"));
    expect(lines(conversation)).toEqual(["agent: One moment", "caller: hello"]);
  });

  it("keeps two turns apart whose texts both come late", () => {
    const conversation = after(speaks, stops, speaks, caller("u1", "one"), stops, caller("u2", "two"));
    expect(lines(conversation)).toEqual(["caller: one", "caller: two"]);
  });
});

describe("what the agent says", () => {
  it("becomes what was heard when the caller cut in", () => {
    const conversation = after(
      agent("a1", "There are three hotels in Paris", false),
      agent("a1", "There are", true, true),
    );
    expect(conversation.entries).toMatchObject([
      { kind: "agent", text: "There are", interrupted: true, final: true },
    ]);
  });

  it("tells what was said from what is yet to come", () => {
    const begun = after(agent("a1", "Thank you for calling", false));
    const said = withSaid(withSaid(begun, "Thank"), " you");
    expect(said.entries).toMatchObject([{ text: "Thank you for calling", said: 9 }]);
    expect(withSaid(after(agent("a1", "Done")), "late").entries).toMatchObject([{ said: 4 }]);
  });

  it("vanishes when nothing of it was heard", () => {
    expect(lines(after(agent("a1", "There", false), agent("a1", "", true, true)))).toEqual([]);
  });
});

describe("agents and tools", () => {
  it("shows no handoff for the agent that answers, and one for the next", () => {
    const conversation = after(
      {
        type: "agent.changed",
        from_agent: null,
        to_agent: "front_desk",
        voice: "marin",
        reason: "",
        context: "",
      },
      {
        type: "agent.changed",
        from_agent: "front_desk",
        to_agent: "hotel_booking",
        voice: "cedar",
        reason: "wants a hotel",
        context: "Paris, two guests",
      },
    );
    expect(conversation.agent).toEqual({ name: "hotel_booking", voice: "cedar" });
    expect(conversation.entries).toMatchObject([
      { kind: "handoff", from: "front_desk", to: "hotel_booking", reason: "wants a hotel" },
    ]);
  });

  it("shows a transfer as the handoff that it led to, a failed one as the call that it was", () => {
    const transfer = (id: string, is_error: boolean): Sent<CallEvent>[] => [
      {
        type: "tool.called",
        tool_call_id: id,
        agent: "front_desk",
        tool: "transfer_to_hotel_booking",
        arguments: {},
      },
      {
        type: "tool.finished",
        tool_call_id: id,
        tool: "transfer_to_hotel_booking",
        output: "",
        is_error,
        duration_ms: 1,
      },
    ];
    const changed: Sent<CallEvent> = {
      type: "agent.changed",
      from_agent: "front_desk",
      to_agent: "hotel_booking",
      voice: "cedar",
      reason: "",
      context: "",
    };
    const conversation = after(...transfer("t1", true), ...transfer("t2", false), changed);
    expect(lines(conversation)).toEqual(["tool", "handoff"]);
  });

  it("puts each result to its own call", () => {
    const called = (id: string): Sent<CallEvent> => ({
      type: "tool.called",
      tool_call_id: id,
      agent: "hotel_booking",
      tool: "search-hotel",
      arguments: { id },
    });
    const progress: Sent<CallEvent> = {
      type: "tool.progress",
      tool_call_id: "t2",
      tool: "search-hotel",
      done: 2,
      total: 5,
      message: "Two of five hotels asked",
    };
    const conversation = after(called("t1"), called("t2"), progress, {
      type: "tool.finished",
      tool_call_id: "t1",
      tool: "search-hotel",
      output: "no rooms",
      is_error: true,
      duration_ms: 12,
    });
    expect(conversation.entries).toMatchObject([
      { result: { output: "no rooms", isError: true, durationMs: 12 } },
      { result: null, progress: { done: 2, total: 5, message: "Two of five hotels asked" } },
    ]);
  });
});

describe("the course of a call", () => {
  it("ignores an event that it has seen", () => {
    const event: CallEvent = {
      type: "error",
      call_id: "call-1",
      sequence: 1,
      at: "2026-11-21T12:00:00Z",
      source: "tool",
      code: "timeout",
      message: "the tool server is slow",
      fatal: false,
    };
    const once = withEvent(emptyConversation, event);
    expect(withEvent(once, event)).toBe(once);
    expect(withEvent(once, { ...event, call_id: "call-2" }).entries).toHaveLength(2);
  });

  it("tells a lost model connection from a working one", () => {
    expect(after({ type: "session.state", state: "reconnecting", detail: "" }).session).toBe("lost");
    expect(
      after(
        { type: "session.state", state: "lost", detail: "" },
        { type: "session.state", state: "ready", detail: "" },
      ).session,
    ).toBe("ready");
  });

  it("ends with its reason and no open place", () => {
    const conversation = after(speaks, { type: "call.ended", reason: "agent", duration_s: 61.5 });
    expect(conversation.endReason).toBe("agent");
    expect(conversation.entries).toEqual([]);
  });
});
