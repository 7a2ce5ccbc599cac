"""What happened on a call, turn by turn, as plain data for JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from emulators.twilio.caller import ScriptedCaller, Turn
from emulators.twilio.calls import CallStatus
from emulators.twilio.ear import Span
from emulators.twilio.frames import SAMPLE_RATE
from emulators.twilio.live_call import LiveCall
from emulators.twilio.media_stream import MediaStream
from emulators.twilio.transcripts import Listener, Transcript


@dataclass(frozen=True, slots=True)
class Heard:
    """What the agent said in one turn: its stretches of speech, at least one."""

    spans: tuple[Span, ...]

    @property
    def start(self) -> int:
        """The first sample."""
        return self.spans[0].start

    @property
    def end(self) -> int:
        """After the last sample."""
        return self.spans[-1].end


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn of the caller and what came of it.

    Attributes:
        turn: The caller's.
        interrupted_until: Where the agent, if it was speaking, fell silent.
        reply: What the agent said next; ``None`` when it stayed silent.
    """

    turn: Turn
    interrupted_until: int | None
    reply: Heard | None


def exchanges(turns: Sequence[Turn], spans: Sequence[Span]) -> tuple[Heard | None, list[Exchange]]:
    """Sorts what was heard into the greeting and the replies.

    A stretch of speech belongs to the last turn that began before it: an agent that goes on
    talking while it is interrupted is not replying yet.
    """
    starts = [turn.start for turn in turns]
    greeting = _between(spans, 0, starts[0] if starts else None)
    result = []
    for turn, following in zip(turns, [*starts, None][1:], strict=True):
        interrupted = [span.end for span in spans if span.start < turn.start < span.end]
        reply = _between(spans, turn.start, following)
        result.append(Exchange(turn, interrupted[0] if interrupted else None, reply))
    return greeting, result


def _between(spans: Sequence[Span], start: int, end: int | None) -> Heard | None:
    inside = tuple(s for s in spans if s.start >= start and (end is None or s.start < end))
    return Heard(inside) if inside else None


async def transcripts(
    live: LiveCall, caller: ScriptedCaller, listener: Listener
) -> dict[int, Transcript]:
    """What the agent said in each of its turns, by the turn's first sample."""
    greeting, turns = exchanges(caller.turns, live.phone.ear.spans)
    audio = bytes(live.playback.heard)
    replies = [greeting, *(turn.reply for turn in turns)]
    return {
        heard.start: await listener.transcribe(audio, heard.spans) for heard in replies if heard
    }


def call_report(
    live: LiveCall, caller: ScriptedCaller, words: Mapping[int, Transcript] | None = None
) -> dict[str, Any]:
    """The whole call. Times are seconds since it was connected, delays are milliseconds.

    Args:
        live: The call, when it is over.
        caller: Whoever made it.
        words: What `transcripts` gave; without it transcripts are null.
    """
    words = words or {}
    greeting, turns = exchanges(caller.turns, live.phone.ear.spans)
    call = live.call
    return {
        "call": {
            "sid": call.sid,
            "from": call.from_,
            "to": call.to,
            "direction": call.direction,
            "status": str(call.status),
            "duration_s": _seconds(live.phone.position),
            "ended_by": live.ended_by,
        },
        "greeting": _heard(greeting, words),
        "turns": [_exchange(exchange, words) for exchange in turns],
        "streams": [_stream(stream) for stream in live.streams],
        "notes": [asdict(note) for note in call.notes],
    }


def went_through(live: LiveCall) -> bool:
    """Whether the call was connected and nothing failed; warnings don't count."""
    failed = any(not note.warning for note in live.call.notes)
    return live.call.status is CallStatus.COMPLETED and not failed


def _exchange(exchange: Exchange, words: Mapping[int, Transcript]) -> dict[str, Any]:
    turn, reply, until = exchange.turn, exchange.reply, exchange.interrupted_until
    return {
        "pressed" if turn.by_key else "said": turn.text,
        "started_s": _seconds(turn.start),
        "ended_s": _seconds(turn.end),
        "interruption_ms": None if until is None else _milliseconds(until - turn.start),
        "reply_delay_ms": None if reply is None else _milliseconds(reply.start - turn.end),
        "reply": _heard(reply, words),
    }


def _heard(heard: Heard | None, words: Mapping[int, Transcript]) -> dict[str, Any] | None:
    if heard is None:
        return None
    transcript = words.get(heard.start)
    return {
        "started_s": _seconds(heard.start),
        "ended_s": _seconds(heard.end),
        "transcript": transcript.text if transcript else None,
        "unsure": transcript.unsure if transcript else None,
    }


def _stream(stream: MediaStream) -> dict[str, Any]:
    def count(event: str) -> int:
        return sum(message.event == event for message in stream.received)

    return {
        "sid": stream.sid,
        "media_sent": stream.sent,
        "media_received": count("media"),
        "audio_received_s": _seconds(sum(message.samples for message in stream.received)),
        "marks_received": count("mark"),
        "marks_echoed": len(stream.echoes),
        "clears_received": count("clear"),
    }


def _seconds(count: int) -> float:
    return round(count / SAMPLE_RATE, 3)


def _milliseconds(count: int) -> int:
    return round(count * 1000 / SAMPLE_RATE)
