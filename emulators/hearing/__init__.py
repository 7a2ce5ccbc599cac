"""Audio to text for the emulators, offline. See ``docs/emulators.md`` for what it can hear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hints:
    """What a speaker is likely to say.

    Attributes:
        phrases: Sentences, with ``{slots}`` for parts that vary.
        vocabulary: What each slot can be. Known without an entry are ``{date}``, ``{month}``,
            ``{weekday}``, ``{time}``, ``{number}``, ``{ordinal}``, ``{money}``, ``{digits}``
            (four to twelve, read out one by one; ``{digits_6}`` is exactly six, which is heard
            better), ``{letters}``, ``{name}``, ``{first_name}``, ``{last_name}`` and
            ``{yes_no}``. A phrase with an unknown slot is left out.
    """

    phrases: Sequence[str] = ()
    vocabulary: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Hearing(Protocol):
    """An ear. One per process, shared by all sessions; never blocks the event loop."""

    async def transcribe(self, pcm: bytes, *, sample_rate: int, hints: Hints) -> str:
        """The words in one utterance, lower case without punctuation; empty when there are none.

        Args:
            pcm: Mono PCM16 little-endian, one utterance with a little silence around it.
            sample_rate: 8000 (telephone), 16000 or 24000 Hz.
            hints: Bound what can be heard.
        """
        ...

    async def warm_up(self, hints: Hints) -> None:
        """Loads what hearing needs, so that the first utterance does not wait for it."""
        ...

    async def close(self) -> None:
        """Stops worker processes."""
        ...
