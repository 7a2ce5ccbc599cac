"""What the model itself takes of a silence: how much of it it has to hear to know a turn is over.

It judges sounds, not words: a word that fades takes it longer than one that breaks off, 420 ms here
and 540 ms there, and the same word not twice the same. That is no doing of the service's, and the
emulator knows it exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emulators.realtime.session import Session
from emulators.twilio.frames import SAMPLE_RATE
from tests.reliability.hearing import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnd:
    """The model found that a turn of the caller's was over.

    Attributes:
        at: When, in samples of the caller's line.
        silence: How much audio behind the caller's last word it had to hear for that, in samples.
    """

    at: int
    silence: int


@dataclass(frozen=True, slots=True)
class _Stop:
    at: int
    session: Session
    item_id: str
    waited_ms: int


class TurnEnds:
    """Collects them from the events of all sessions of a call.

    Args:
        position: The caller's line, in samples.
    """

    def __init__(self, position: Callable[[], int]) -> None:
        self._position = position
        self._stops: list[_Stop] = []

    def note(self, session: Session, event: dict) -> None:
        """An event that a model sends."""
        if event["type"] == "input_audio_buffer.speech_stopped":
            # What came behind the place at which it says that the turn was over, before it said so.
            waited_ms = session.input_ms - event["audio_end_ms"]
            self._stops.append(_Stop(self._position(), session, event["item_id"], waited_ms))

    def found(self, vocabulary: Vocabulary) -> Sequence[TurnEnd]:
        """All so far, in order, but those of turns without a word."""
        ends = []
        for stop in self._stops:
            item = stop.session.conversation.find(stop.item_id)
            if item is None or not (audio := item.audio.get(0)):
                continue
            pcm = audio.format.decode(bytes(audio.data))
            if (spoken := vocabulary.end_in(pcm)) is not None:
                behind = len(pcm) // 2 - spoken
                silence = behind + stop.waited_ms * SAMPLE_RATE // 1000
                ends.append(TurnEnd(at=stop.at, silence=silence))
        return ends
