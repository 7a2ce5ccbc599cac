"""The fault matrix: one row per fault, each a telephone call. This table is all there is to add."""

from dataclasses import dataclass, field
from typing import Any

from tests.reliability.desk import GREETING, LONG_TOOL_S, NO_ANSWER, STORY
from tests.reliability.steps import Hears, HearsSound, Says, Step, Strikes, Waits

BEGINNING = (Hears(GREETING), Says("my name is anna"), Hears("nice to meet you anna"))
ENDING = (Says("what is my name"), Hears("your name is anna"))

QUESTION, ANSWER = "how are you today", "i am fine thank you"
CALM = (Says(QUESTION), Hears(ANSWER))
MID_TURN = (Says(QUESTION, strike_after_s=0.4), Hears(ANSWER))
"""The fault strikes while the caller speaks."""

MID_REPLY = (Strikes(), *CALM)
"""The fault is armed before the caller asks, and strikes by itself in the answer."""

RESUMES_MS = 1500
"""In which a call is back after a loss when the endpoint is healthy."""

FOUND_MS = 4000
"""In which a connection is found to be dead, and replaced, while the caller waits."""

HELD_MS = 5500
"""Longer than this nobody waits in silence, whatever for: from one recorded line to the next."""

MARGIN_MS = 500
"""Beyond what a fault adds to a silence: what a call may take whatever is wrong. How late the
machine itself was comes on top of it."""


SLOW_S = 5
"""For good would be too little for a conversation: a tenth of what is said would come in time."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault and what has to hold.

    Attributes:
        name: As the table has it.
        steps: What the caller does between the beginning and the ending, which ask for a fact.
        faults: What strikes, as `emulators.realtime.faults.parse_fault` reads it.
        strike_on: The faults strike after the first server event of this type, not by a step.
        spare: Whether there is a second endpoint.
        settings: Of the service.
        gap_ms: The longest silence that the fault may add.
        resume_ms: How long the call may be without a session; None where it never loses one.
        loses_surely: Whether it has to lose its session, where it may.
        own_s: Silence that is not the service's doing: a tool's time.
        expects: Events that have to have happened, by their type.
        patience_s: How long the caller waits for each line.
        survives: Whether the conversation goes on; otherwise the caller hears something, and the
            call ends.
    """

    name: str
    steps: tuple[Step, ...]
    faults: tuple[str, ...] = ()
    strike_on: str = ""
    spare: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    gap_ms: int = MARGIN_MS
    resume_ms: int | None = None
    loses_surely: bool = True
    own_s: float = 0.0
    expects: tuple[str, ...] = ()
    patience_s: float = 40.0
    survives: bool = True

    @property
    def script(self) -> tuple[Step, ...]:
        """All that the caller does."""
        return (*BEGINNING, *self.steps, *(ENDING if self.survives else ()))


def _lost(name: str, steps: tuple[Step, ...], *faults: str, **others: Any) -> Row:
    """A row whose session is lost while its endpoint stays healthy."""
    return Row(
        name=name,
        steps=steps,
        faults=faults,
        **{"gap_ms": RESUMES_MS + MARGIN_MS, "resume_ms": RESUMES_MS, **others},
    )


def _closed(code: int) -> tuple[Row, Row]:
    how, drop = f"socket closed with {code}", f"drop:code={code}"
    return (
        _lost(f"{how}, caller speaking", MID_TURN, drop),
        _lost(f"{how}, agent speaking", MID_REPLY, f"{drop},when=mid_reply"),
    )


def _odd(name: str, fault: str) -> Row:
    return Row(name=name, steps=MID_REPLY, faults=(f"{fault}:when=mid_reply",))


CONTROL = Row(name="none", steps=CALM)
"""The call that the others are compared with."""

INTERRUPTION = (
    Strikes(),
    Says("tell me a story"),
    Hears(STORY, until="lighthouse"),
    Says("sorry to interrupt but how are you today"),
    Hears(ANSWER),
)

_SHORT_SESSION = {"realtime_session_minutes": 10 / 60}
"""It looks for a pause from second 7, takes the caller's turn from 8, and is forced from 9 on."""

ROWS: tuple[Row, ...] = (
    CONTROL,
    *_closed(1000),
    *_closed(1001),
    *_closed(1006),
    *_closed(1011),
    _lost(
        "half-open socket, caller speaking",
        MID_TURN,
        "half_open",
        gap_ms=FOUND_MS + MARGIN_MS,
        resume_ms=RESUMES_MS,
    ),
    _lost(
        "half-open socket, agent speaking",
        MID_REPLY,
        "half_open:when=mid_reply",
        gap_ms=FOUND_MS + MARGIN_MS,
        resume_ms=RESUMES_MS,
    ),
    _lost(
        "refused for 5 s",
        MID_TURN,
        "refuse:code=503,seconds=5",
        "drop:code=1006",
        gap_ms=HELD_MS + MARGIN_MS,
        resume_ms=9000,
        expects=("line.held",),
    ),
    _lost(
        "refused for good, second endpoint",
        MID_TURN,
        "refuse:code=401,times=0",
        "drop:code=1006",
        spare=True,
    ),
    Row(
        name="refused for good, no second endpoint",
        steps=(Says(QUESTION, strike_after_s=0.4), HearsSound()),
        faults=("refuse:code=503,times=0", "drop:code=1006"),
        survives=False,
    ),
    _lost("`session_expired`", MID_TURN, "expire"),
    Row(
        name="rate limit",
        steps=MID_REPLY,
        faults=("rate_limit",),
        gap_ms=500 + MARGIN_MS,
    ),
    Row(
        name="server error mid reply",
        steps=MID_REPLY,
        faults=("fail:when=mid_reply",),
        gap_ms=500 + MARGIN_MS,
    ),
    _odd("unknown event", "unknown_event"),
    _odd("unknown item type", "unknown_item"),
    _odd("malformed JSON", "malformed"),
    Row(
        name="late deltas after cancel",
        steps=INTERRUPTION,
        faults=("late_delta",),
        expects=("interruption",),
    ),
    Row(
        name="truncate rejected",
        steps=INTERRUPTION,
        faults=("reject_truncate",),
        expects=("interruption",),
    ),
    Row(
        name="10× slow network, from the model",
        steps=MID_REPLY,
        faults=("slow:factor=10",),
        gap_ms=1000 + MARGIN_MS,
    ),
    Row(
        name="10× slow network, to the model, for 5 s",
        steps=MID_TURN,
        faults=(f"slow_reading:factor=10,seconds={SLOW_S}",),
        gap_ms=SLOW_S * 1000 + MARGIN_MS,
        # A ping may be as late as what is said: then it looks like a dead line.
        resume_ms=RESUMES_MS,
        loses_surely=False,
    ),
    Row(
        name="function call with bad JSON",
        steps=(
            Strikes(),
            Says("look up my room"),
            Hears("one moment your room is number nine"),
        ),
        faults=("bad_arguments",),
        expects=("tool.finished",),
    ),
    Row(
        name="tool that never answers",
        steps=(Says("search forever"), Hears(f"one moment {NO_ANSWER}")),
        settings={"tool_timeout_s": 2.0},
        own_s=2.0,
        expects=("tool.finished",),
    ),
    Row(
        name="tool result during speech",
        steps=(
            Says("search slowly please"),
            Hears("one moment"),
            Says("and while you are doing that tell me how are you today"),
            Hears(f"it took some days {ANSWER}"),
        ),
        expects=("tool.finished",),
    ),
    Row(
        name="two parallel calls",
        steps=(
            Says("look up two things"),
            Hears("one moment your room is number nine that garden has roses"),
        ),
        expects=("tool.finished",),
    ),
    Row(
        name="handoff to the same voice",
        steps=(Says("get me the porter"), Hears("please hold this is the porter")),
        expects=("agent.changed",),
    ),
    Row(
        name="handoff to the same voice, without a word",
        steps=(Says("get me the porter at once"), Hears("this is the porter")),
        expects=("agent.changed",),
    ),
    Row(
        name="handoff to another voice",
        steps=(Says("get me the manager"), Hears("please hold this is the manager")),
        expects=("agent.changed",),
    ),
    _lost(
        "handoff during an outage",
        (Says("get me the manager"), Hears("please hold this is the manager")),
        "refuse:code=503,seconds=1",
        "drop:code=1006,times=2",
        strike_on="response.function_call_arguments.done",
        expects=("agent.changed",),
        gap_ms=HELD_MS + MARGIN_MS,
        resume_ms=5000,
    ),
    Row(
        name="renewal in a pause",
        steps=(*CALM, Waits(9.5), *CALM),
        settings=_SHORT_SESSION,
        expects=("session.renewed",),
    ),
    Row(
        name="renewal during a tool call",
        steps=(
            Waits(6.5),
            Says("search thoroughly"),
            Hears("one moment they looked behind each door"),
        ),
        settings=_SHORT_SESSION,
        own_s=LONG_TOOL_S,
        expects=("session.renewed", "tool.finished"),
    ),
    Row(
        name="renewal while both speak",
        steps=(
            Says("tell me a story"),
            Hears(STORY, until="seven"),
            Says("sorry to interrupt you there but i would like to know how are you today"),
            Hears(ANSWER),
        ),
        settings=_SHORT_SESSION,
        gap_ms=500 + MARGIN_MS,
        expects=("session.renewed", "interruption"),
    ),
)
