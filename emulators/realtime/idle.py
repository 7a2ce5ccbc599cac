"""The idle timeout of server VAD: a caller who says nothing is spoken to again."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """What ``call_later`` returns."""

    def cancel(self) -> None:
        """Prevents the call."""
        ...


CallLater = Callable[[float, Callable[[], None]], Timer]


class IdleTimer:
    """Fires when nobody has spoken for a while after the last response has been played.

    The vendor counts from "the ``response.done`` time plus audio playback duration".
    """

    def __init__(
        self,
        position_ms: Callable[[], int],
        fire: Callable[[int], None],
        call_later: CallLater | None = None,
    ) -> None:
        """Makes a timer.

        Args:
            position_ms: How much input audio has been written so far.
            fire: Called with that position at the end of playback.
            call_later: Schedules a call in seconds; by default the running loop's.
        """
        self._position_ms = position_ms
        self._fire = fire
        self._call_later = call_later
        self._timer: Timer | None = None

    def start(self, playback_ms: float, timeout_ms: int) -> None:
        """Counts from now: first the playback, then the timeout."""
        self.stop()

        def played() -> None:
            start_ms = self._position_ms()
            self._schedule(timeout_ms / 1000, lambda: self._timed_out(start_ms))

        self._schedule(playback_ms / 1000, played)

    def stop(self) -> None:
        """The caller speaks, or the model does."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _timed_out(self, start_ms: int) -> None:
        self._timer = None
        self._fire(start_ms)

    def _schedule(self, seconds: float, call: Callable[[], None]) -> None:
        later = self._call_later or asyncio.get_running_loop().call_later
        self._timer = later(seconds, call)
