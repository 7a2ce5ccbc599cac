"""What the carrier does for a caller once the conversation is over and the media stream closed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HangUp:
    """Nothing more: everything was said."""


@dataclass(frozen=True, slots=True)
class Apologise:
    """Says sorry in the carrier's own voice, and hangs up: the caller was left without a word."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Connects the caller to somebody else.

    Attributes:
        number: Whom, in E.164 form.
    """

    number: str


FollowUp = HangUp | Apologise | Dial

EndReason = Literal["caller", "agent", "operator", "transfer", "limit", "error", "shutdown"]


def follow_up_of(reason: EndReason) -> FollowUp:
    """What is due after a call that ended so, where nobody said anything else."""
    return Apologise() if reason == "error" else HangUp()
