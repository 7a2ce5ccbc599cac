"""Places the calls of rows: telephone, carrier, service and models in this process."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import agents.travel
from bot.announcements import HOLD, Announcement
from emulators.realtime import RealtimeEmulator
from emulators.realtime.faults import parse_fault
from emulators.realtime.mind import Mind
from emulators.realtime.session import Session
from emulators.twilio.carrier import Carrier
from emulators.twilio.frames import SAMPLE_RATE
from emulators.twilio.live_call import LiveCall
from processors.events.conversation import AgentTranscript, UserTranscript
from processors.events.event import Event
from processors.mcp_tools import ServerState
from processors.realtime.announcements import Clip
from tests.bot.events import events_of
from tests.bot.service import Service, service, until
from tests.patience import PATIENCE_S
from tests.reliability.beat import beating
from tests.reliability.caller import RowCaller
from tests.reliability.desk import TEAM, TOOL_TIMEOUT_S, DeskMind, desk_tools
from tests.reliability.hearing import ExactHearing, Vocabulary
from tests.reliability.lateness import Lateness
from tests.reliability.rows import Row
from tests.reliability.turns import TurnEnd, TurnEnds
from tests.reliability.voice import ToneWords

CALL_TIMEOUT_S = 300.0
HOLD_LINE = "bear patiently awhile"
"""What callers hear who wait in silence: words that nobody else says in these calls."""
HOLD_LINE_AFTER_S = 2.0
SILENCE_MS = 400
"""That ends the caller's turn."""


@dataclass(kw_only=True)
class Instruments:
    """What listens and speaks in one call; a self-check passes some that are out of order."""

    voice: ToneWords = field(default_factory=ToneWords)
    mind: Mind = field(default_factory=DeskMind)
    deaf_to: str = ""


@dataclass(frozen=True)
class Placing:
    """A call that is to be placed."""

    row: Row
    instruments: Instruments = field(default_factory=Instruments)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is left of a call.

    Attributes:
        caller: What the caller heard and did.
        live: The carrier's record.
        events: What the service published, in order.
        conversations: Items of each session with a model that had any, as the model knew them, in
            the order in which the sessions began.
        turn_ends: When the models found the caller's turns to be over.
        late_ms: By how much this process missed its beats, all together.
    """

    row: Row
    caller: RowCaller
    live: LiveCall
    events: Sequence[Event]
    conversations: Sequence[Sequence[dict[str, Any]]]
    turn_ends: Sequence[TurnEnd]
    late_ms: int

    @property
    def story(self) -> list[str]:
        """What happened in the call, a line each."""
        told = [
            event
            for event in self.events
            if not isinstance(event, AgentTranscript | UserTranscript) or event.final
        ]
        return [f"the machine was {self.late_ms} ms late", *(repr(event) for event in told)]


class Watch:
    """Knows every session of a call's models, and lets the faults strike."""

    def __init__(self, row: Row) -> None:
        self.sessions: list[Session] = []
        self.first: RealtimeEmulator | None = None
        self.caller: RowCaller | None = None
        self.turn_ends = TurnEnds(lambda: self.caller.position if self.caller else 0)
        self._row = row
        self._has_struck = False

    def __call__(self, session: Session, direction: str, event: dict[str, Any]) -> None:
        """Sees every event."""
        if session not in self.sessions:
            self.sessions.append(session)
        if direction == "out":
            self.turn_ends.note(session, event)
        if direction == "out" and event["type"] == self._row.strike_on and not self._has_struck:
            # Not in the middle of sending it.
            asyncio.get_running_loop().call_soon(self.strike)

    def strike(self) -> None:
        """Arms the row's faults at the first endpoint."""
        if self.first and not self._has_struck:
            self._has_struck = True
            for fault in self._row.faults:
                self.first.arm(parse_fault(fault))


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """Everything that a call needs, ready for it."""

    placing: Placing
    watch: Watch
    caller: RowCaller
    service: Service
    events: Sequence[Event]
    carrier: Carrier

    async def call(self) -> Evidence:
        """Makes the call and returns when all of it is over."""
        async with Lateness() as lateness, asyncio.timeout(CALL_TIMEOUT_S):
            live = await self.carrier.call(f"{self.service.http}/twilio/voice", self.caller)
            await until(lambda: not self.service.switchboard.calls.live, timeout_s=CALL_TIMEOUT_S)
        items = [
            [item.for_model() for item in session.conversation.items]
            for session in self.watch.sessions
        ]
        return Evidence(
            row=self.placing.row,
            caller=self.caller,
            live=live,
            events=self.events,
            conversations=[each for each in items if each],
            turn_ends=self.watch.turn_ends.found(self.caller.vocabulary),
            late_ms=lateness.ms,
        )


async def place_all(placings: Iterable[Placing], *, waits: bool) -> list[Evidence]:
    """Places calls at the same time, each over a service and models of its own.

    To start and to stop all that takes a busy machine seconds: nobody is on the line meanwhile.

    Args:
        placings: The calls.
        waits: Whether the line waits for a machine that is late: see `beating`.
    """
    # The one team that there is for as long as the calls last.
    with patch.object(agents.travel, "TEAM", TEAM):
        async with AsyncExitStack() as stack:
            exchanges = [await _prepare(placing, stack, waits=waits) for placing in placings]
            return await asyncio.gather(*(exchange.call() for exchange in exchanges))


async def _prepare(placing: Placing, stack: AsyncExitStack, *, waits: bool) -> Exchange:
    row, tools, enter = placing.row, placing.instruments, stack.enter_async_context
    watch, vocabulary = Watch(row), Vocabulary()

    async def model() -> RealtimeEmulator:
        hearing = ExactHearing(vocabulary, deaf_to=tools.deaf_to)
        return await enter(
            RealtimeEmulator(mind=tools.mind, speech=tools.voice, hearing=hearing, observer=watch)
        )

    settings: dict[str, Any] = {
        "vad_silence_duration_ms": SILENCE_MS,
        "tool_timeout_s": TOOL_TIMEOUT_S,
        "hold_line_after_s": HOLD_LINE_AFTER_S,
        # Prompts would be lines too many where a machine is so slow that callers seem silent.
        "caller_idle_s": 0,
        **row.settings,
    }
    if row.spare:
        settings["openai_realtime_fallbacks"] = f"spare={(await model()).url}"
        settings["openai_realtime_fallback_keys"] = "spare=key"
    watch.first = await model()
    url = await enter(desk_tools())
    running = await enter(service(watch.first.url, tool_servers={"desk": url}, **settings))
    hold = await _recorded(HOLD_LINE, tools.voice)
    stack.enter_context(
        patch.object(running.switchboard.announcements, "clip", _played_for_hold(hold, running))
    )
    await until(
        lambda: running.switchboard.mcp.status()["desk"].state is ServerState.UP,
        timeout_s=PATIENCE_S,
    )
    watch.caller = RowCaller(row.script, tools.voice, vocabulary, watch.strike, row.patience_s)
    return Exchange(
        placing=placing,
        watch=watch,
        caller=watch.caller,
        service=running,
        events=await enter(events_of(running)),
        carrier=await enter(Carrier(clock=await enter(beating(waits=waits)))),
    )


async def _recorded(line: str, voice: ToneWords) -> Clip:
    chunks = voice.speak(line, voice="recorded", sample_rate=SAMPLE_RATE)
    return Clip(line, b"".join([chunk.pcm async for chunk in chunks]), SAMPLE_RATE)


def _played_for_hold(hold: Clip, running: Service) -> Callable[[Announcement, int], Clip]:
    """In words that the caller of a row understands; other announcements as they are."""
    usual = running.switchboard.announcements.clip

    def clip(announcement: Announcement, sample_rate: int) -> Clip:
        return hold if announcement is HOLD else usual(announcement, sample_rate)

    return clip
