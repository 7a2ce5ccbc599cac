"""TwiML: the verbs that the carrier carries out.

Reference: https://www.twilio.com/docs/voice/twiml. `emulators.twilio.twiml_parser` reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Say:
    """Speaks a text, ``loop`` times (0: until the call ends)."""

    text: str
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Play:
    """Plays a sound file (WAV here) or sends keys (``w`` waits half a second)."""

    url: str | None = None
    digits: str = ""
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Waits ``length`` seconds."""

    length: int = 1


@dataclass(frozen=True, slots=True)
class Hangup:
    """Ends the call."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Goes on with another document."""

    url: str
    method: Method = "POST"


@dataclass(frozen=True, slots=True)
class Reject:
    """Does not answer; only as the first verb of an incoming call."""

    reason: Literal["rejected", "busy"] = "rejected"


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the media stream of a ``<Connect>`` goes."""

    url: str
    name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    status_callback: str | None = None
    status_callback_method: Method = "POST"


@dataclass(frozen=True, slots=True)
class Connect:
    """Connects the call to a bidirectional stream until the application closes it."""

    stream: Stream
    action: str | None = None
    method: Method = "POST"


@dataclass(frozen=True, slots=True)
class Number:
    """A number to call; ``url`` is TwiML that the callee hears before being connected."""

    number: str
    url: str | None = None
    method: Method = "POST"
    status_callback: str | None = None
    status_callback_method: Method = "POST"
    status_callback_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dial:
    """Calls numbers, up to ten at once, and connects the first that answers.

    With ``answer_on_bridge`` the caller hears ringing until they are connected, otherwise until
    somebody answers.
    """

    numbers: tuple[Number, ...]
    action: str | None = None
    method: Method = "POST"
    timeout: int = 30
    time_limit: int = 14_400
    caller_id: str | None = None
    answer_on_bridge: bool = False


@dataclass(frozen=True, slots=True)
class Gather:
    """Collects keys while it speaks its prompts."""

    prompts: tuple[Say | Play | Pause, ...] = ()
    action: str | None = None
    method: Method = "POST"
    timeout: int = 5
    finish_on_key: str = "#"
    num_digits: int | None = None
    action_on_empty_result: bool = False


Verb = Say | Play | Pause | Hangup | Redirect | Reject | Connect | Dial | Gather
