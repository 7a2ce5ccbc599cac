"""What is wanted of a transfer to a person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

TransferKind = Literal["blind", "warm"]


class TransferError(Exception):
    """The caller can't be given to a person now; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOrder:
    """Whom to connect a caller to, and how.

    Attributes:
        to: Whom, in E.164 form.
        kind: ``warm``: the person hears ``summary`` first and presses 1 to take the call.
        reason: Why, in a few words.
        summary: What the person should know.
    """

    to: str
    kind: TransferKind = "warm"
    reason: str = ""
    summary: str = ""


Transferring = Callable[[TransferOrder], Awaitable[None]]
"""Begins a transfer of one call's caller. Raises `TransferError` when it can't be begun."""
