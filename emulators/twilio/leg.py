"""The audio of one call: a telephone, and what the carrier plays to it."""

import asyncio
from collections.abc import Callable

from emulators.twilio.clock import FrameClock
from emulators.twilio.playback import Playback
from emulators.twilio.telephone import Telephone


class Leg:
    """Joins a telephone to the beat from the moment that the call is answered until it ends.

    Attributes:
        phone: The telephone.
        playback: What it is going to hear, and has heard.
    """

    def __init__(self, clock: FrameClock, phone: Telephone) -> None:
        self.phone = phone
        self.playback = Playback()
        self._taps: dict[int, Callable[[bytes], None]] = {}
        self._last_key = 0
        self._unsubscribe = clock.subscribe(self._beat)

    def tap(self, on_audio: Callable[[bytes], None]) -> Callable[[], None]:
        """Gives every frame that the telephone says to ``on_audio`` until the result is called."""
        self._last_key += 1
        key = self._last_key
        self._taps[key] = on_audio

        def untap() -> None:
            self._taps.pop(key, None)

        return untap

    async def play(self, audio: bytes) -> None:
        """Plays μ-law audio and returns when it has been heard."""
        played: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.playback.add(audio)

        def reached() -> None:
            if not played.done():
                played.set_result(None)

        self.playback.mark(reached)
        await played

    def close(self) -> None:
        """Leaves the beat."""
        self._unsubscribe()

    def _beat(self) -> None:
        heard, marks = self.playback.play()
        said = self.phone.beat(heard)
        for on_audio in tuple(self._taps.values()):
            on_audio(said)
        for reached in marks:
            reached()
