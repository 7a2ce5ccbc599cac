"""Tones of keys on a call's line, and how much of them was heard."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

from processors.dtmf import keys_heard, tones
from processors.playback import Heard, Playback


class TonesCutError(Exception):
    """The other side has not heard all keys. The message says how many it has."""


class TonePlayer:
    """Plays tones behind what is being said.

    Args:
        sound: Plays audio (mono PCM16) under an id of its own.
        playback: Tells how much of it was heard.
        sample_rate: Of the line, in Hz.
    """

    def __init__(
        self,
        sound: Callable[[str, bytes], Awaitable[None]],
        playback: Playback,
        sample_rate: int,
    ) -> None:
        self._sound = sound
        self._rate = sample_rate
        self._numbers = count(1)
        self._ends: dict[str, asyncio.Future[Heard]] = {}
        playback.listen(self._ended)

    async def play(self, keys: str) -> int:
        """Plays the tones of ``keys`` (0-9, ``*``, ``#``, ``w`` waits) once.

        Returns:
            How many of the keys the other side has noticed, once the tones were heard or cut.
        """
        item_id = f"tones_{next(self._numbers)}"
        ended = self._ends[item_id] = asyncio.get_running_loop().create_future()
        try:
            await self._sound(item_id, tones(keys, self._rate))
            return keys_heard(keys, (await ended).heard_ms)
        finally:
            del self._ends[item_id]

    def _ended(self, heard: Heard) -> None:
        ended = self._ends.get(heard.item_id)
        if ended and not ended.done():
            ended.set_result(heard)
