"""Whoever holds the telephone."""

from typing import Protocol

from emulators.twilio.telephone import Telephone


class Party(Protocol):
    """A person, or a machine, with a telephone in the hand."""

    async def prepare(self) -> None:
        """Does what takes time before the call, such as synthesising what will be said."""
        ...

    async def talk(self, phone: Telephone) -> None:
        """Talks from the moment that the call is connected; hangs up by returning.

        It is cancelled when the call ends from elsewhere.
        """
        ...
