"""Faults that a server can be told to commit, so that clients can be tested against them.

A fault is armed on the emulator (for every session, present and to come) or on one session. It
goes off at its time: ``now``, after a number of server events, or in the middle of a reply; some
wait for what they spoil, such as the next truncation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from emulators.realtime.ids import new_id

Kind = Literal[
    "drop",
    "half_open",
    "refuse",
    "expire",
    "error",
    "rate_limit",
    "fail",
    "unknown_event",
    "unknown_item",
    "malformed",
    "late_delta",
    "reject_truncate",
    "bad_arguments",
    "slow",
    "slow_reading",
]
When = Literal["now", "events", "mid_reply"]

AT_A_TIME = {
    "drop",
    "half_open",
    "expire",
    "error",
    "unknown_event",
    "unknown_item",
    "malformed",
}
"""Kinds that go off at their time; the others spoil the next thing of their kind."""

_NUMBERS: Mapping[str, type] = {"code": int, "events": int, "times": int}
_DECIMALS = ("seconds", "factor")


class FaultError(ValueError):
    """A fault that does not exist, or with an argument it does not take."""


@dataclass(kw_only=True)
class Fault:
    """One fault.

    Attributes:
        kind: What goes wrong, see ``docs/emulators.md``.
        when: ``now``; ``events`` (after :attr:`events` server events); ``mid_reply`` (after the
            first delta of a reply's audio or text).
        events: For ``when="events"``.
        code: For ``drop``: 1000, 1001, 1011 or any close code; 1006 drops the connection without
            a close frame. For ``refuse``: the HTTP status, 0 to drop the connection.
        seconds: For ``refuse`` and ``slow_reading``: how long, ``None`` for good.
        factor: For ``slow``: times slower. For ``slow_reading``: times slower than audio is
            spoken.
        error_code: For ``error``: its code.
        message: For ``error``.
        times: How often it goes off, over all sessions that it is armed for; 0 for always.
        used: How often it has.
        began_at: When it was armed, on the event loop's clock.
    """

    kind: Kind
    when: When = "now"
    events: int = 0
    code: int = 1006
    seconds: float | None = None
    factor: float = 4.0
    error_code: str = "server_error"
    message: str = "The server had an error while processing your request. Sorry about that!"
    times: int = 1
    used: int = field(default=0, init=False)
    began_at: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Checks names, so that a misspelled fault does not pass for a healthy server."""
        if self.kind not in get_args(Kind):
            raise FaultError(f"unknown fault {self.kind!r}; known: {', '.join(get_args(Kind))}")
        if self.when not in get_args(When):
            raise FaultError(f"when={self.when!r} should be one of {', '.join(get_args(When))}")

    @property
    def spent(self) -> bool:
        """It has gone off as often as it may."""
        return bool(self.times) and self.used >= self.times

    def begin(self, now: float) -> None:
        """It is armed: its :attr:`seconds` count from here, whoever it is armed for besides."""
        if self.began_at is None:
            self.began_at = now

    def is_over(self, now: float) -> bool:
        """Its :attr:`seconds` have passed."""
        return bool(self.seconds and self.began_at and now >= self.began_at + self.seconds)


_SETTABLE = {each.name for each in fields(Fault) if each.init}


def parse_fault(text: str) -> Fault:
    """A fault from ``kind`` or ``kind:name=value,name=value``, such as ``drop:code=1011``.

    Raises:
        FaultError: When it is not understood.
    """
    kind, _, rest = text.partition(":")
    return fault_from(
        dict(part.partition("=")[::2] for part in rest.split(",") if part) | {"kind": kind}
    )


def fault_from(given: Mapping[str, str]) -> Fault:
    """A fault from names and values that are all text, such as those of a query."""
    settings: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _SETTABLE:
            raise FaultError(f"a fault has no {name!r}")
        try:
            settings[name] = (
                int(value) if name in _NUMBERS else float(value) if name in _DECIMALS else value
            )
        except ValueError:
            raise FaultError(f"{name}={value!r} should be a number") from None
    if "kind" not in settings:
        raise FaultError("a fault needs a kind")
    if settings["kind"] == "refuse":
        settings.setdefault("code", 503)
    if "events" in settings:
        settings.setdefault("when", "events")
    return Fault(**settings)


def unknown_event() -> dict[str, Any]:
    """An event of a type that does not exist yet."""
    return {"type": "response.hologram.delta", "response_id": new_id("resp"), "delta": "?"}


def unknown_item() -> dict[str, Any]:
    """An item of a type that does not exist yet."""
    return {"id": new_id("item"), "type": "hologram", "status": "completed", "frames": []}


MALFORMED = '{"type": "response.output_audio.delta", "delta": '
"""A text frame that is not JSON."""
