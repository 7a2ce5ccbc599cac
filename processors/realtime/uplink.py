"""The caller's audio on its way to a model whose line may be too slow for it."""

from typing import Protocol

from processors.events.calls import Problem
from processors.events.event import Emit

CODE = "caller_audio_dropped"


class Hearing(Protocol):
    """A session, as far as it hears the caller."""

    @property
    def dropped_audio(self) -> int:
        """Messages of the caller's audio that were dropped since it began."""
        ...

    def append_audio(self, payload: str) -> None:
        """Sends audio, base64 in the session's format."""
        ...


class Uplink:
    """Hands audio to a session, and tells once for each that some of it did not get through."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._reported: Hearing | None = None

    def send(self, session: Hearing, payload: str) -> None:
        """The caller's next audio."""
        session.append_audio(payload)
        if session.dropped_audio and session is not self._reported:
            self._reported = session
            told = "the line to the model is too slow: what the caller said 30 s ago is dropped"
            self._emit(Problem(source="realtime", code=CODE, message=told))
