import { describe, expect, it } from "vitest";
import {
  callReducer,
  type CallState,
  clock,
  isBusy,
  isWritten,
  noCall,
  statusTone,
  statusWords,
} from "./callState";
import { trouble } from "./trouble";

const live = callReducer(
  callReducer(noCall, { type: "start", microphone: true }),
  { type: "live", route: "webrtc", now: 1000 },
);

describe("the state of the connection in words", () => {
  it("follows a call from its start to its end", () => {
    expect(statusWords(noCall)).toBe("Not connected");
    const asked = callReducer(noCall, { type: "start", microphone: true });
    expect(statusWords(asked)).toBe("Waiting for the microphone");
    expect(statusWords(callReducer(asked, { type: "calling" }))).toBe("Calling");
    expect(statusWords(live)).toBe("Connected");
    const over = callReducer(live, { type: "closed", end: "caller", now: 2000 });
    expect(statusWords(over)).toBe("You hung up");
    expect(isBusy(over)).toBe(false);
  });

  it("names the fallback, a weak connection and a lost agent", () => {
    const state = (change: Partial<CallState>) => statusWords({ ...live, ...change });
    expect(state({ route: "websocket" })).toContain("WebSocket");
    expect(state({ soundLost: true })).toContain("Weak connection");
    expect(state({ conversation: { ...live.conversation, session: "lost" } })).toContain(
      "reconnecting",
    );
  });

  it("asks the caller to type while no model can speak", () => {
    const heard = (state: "text" | "ready", sequence: number) => ({
      type: "event" as const,
      event: {
        type: "session.state" as const,
        state,
        detail: "",
        call_id: "call_1",
        sequence,
        at: "2026-11-21T10:00:00Z",
      },
    });
    const written = callReducer(live, heard("text", 1));
    expect(isWritten(written)).toBe(true);
    expect(statusWords(written)).toBe("Voice is away for now, please type");
    expect(statusTone(written)).toBe("busy");
    const spoken = callReducer(written, heard("ready", 2));
    expect(isWritten(spoken)).toBe(false);
    expect(statusWords(spoken)).toBe("Connected");
    const over = callReducer(written, { type: "closed", end: "caller", now: 2000 });
    expect(isWritten(over)).toBe(false);
  });

  it("says who ended the call", () => {
    const ended = { ...live.conversation, endReason: "agent" };
    const over = callReducer({ ...live, conversation: ended }, { type: "closed", end: "service", now: 2 });
    expect(statusWords(over)).toBe("The agent ended the call");
  });

  it("says that the service ended a call for a reason it did not tell", () => {
    const over = callReducer(live, { type: "closed", end: "service", now: 2 });
    expect(statusWords(over)).toBe("The call has ended");
  });

  it("says what went wrong", () => {
    const failed = callReducer(live, { type: "closed", end: trouble("busy"), now: 2 });
    expect(statusWords(failed)).toBe("All lines are busy");
  });
});

it("starts a call with nothing of the one before", () => {
  const over = callReducer(live, { type: "closed", end: trouble("cut"), now: 5 });
  expect(callReducer(over, { type: "start", microphone: false })).toEqual({
    ...noCall,
    stage: "calling",
    microphone: false,
  });
});

it("writes lengths as a clock", () => {
  expect([0, 9.9, 61, 3603].map(clock)).toEqual(["0:00", "0:09", "1:01", "1:00:03"]);
});
