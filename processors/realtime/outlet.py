"""The agent's audio on its way to the line, from where it can be taken back and sent again."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from pipecat.frames.frames import Frame, TTSAudioRawFrame

from processors.playback import Heard, Playback
from processors.realtime.audio import SAMPLE_WIDTH, AudioFormat

FRAME_MS = 20
"""Audio goes on in multiples of this: Pipecat's outputs cut it into chunks of this size and, at
the end of a reply, throw away what does not fill one, also when it belongs to the next reply."""


MOST_UNHEARD_S = 300.0
"""Longer than any reply: with so much unheard the line has stopped, or is far too slow."""


class Outlet:
    """Hands audio on, and keeps what was not heard yet as long as it may have to be sent again."""

    def __init__(
        self,
        playback: Playback,
        audio_format: AudioFormat,
        push: Callable[[Frame], Awaitable[None]],
    ) -> None:
        self.frame_bytes = audio_format.samples(FRAME_MS) * SAMPLE_WIDTH
        self._playback = playback
        self._rate = audio_format.sample_rate
        self._push = push
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._is_paused = False
        # Nothing may overtake what is being sent again.
        self._sending = asyncio.Lock()

    async def play(self, item_id: str, content_index: int, pcm: bytes) -> None:
        """More audio of an item, after what is there."""
        if not pcm:
            return
        async with self._sending:
            self._playback.enqueued(item_id, content_index, len(pcm) // SAMPLE_WIDTH)
            self._keep(pcm)
            if not self._is_paused:
                await self._push(TTSAudioRawFrame(pcm, self._rate, 1))

    @property
    def has_room(self) -> bool:
        """Whether the line is not too far behind to be given more."""
        return self._playback.waiting_samples < MOST_UNHEARD_S * self._rate

    def pause(self) -> bool:
        """Takes back what was not heard; whether the line holds something that it has to drop."""
        line_holds = self._playback.is_playing and not self._is_paused
        self._is_paused = True
        self._playback.suspend()
        return line_holds

    async def resume(self) -> None:
        """Goes on where the caller heard the agent last."""
        if not self._is_paused:
            return
        async with self._sending:
            self._is_paused = False
            self._playback.resume()
            # A chunk that was heard in part is heard again: see FRAME_MS.
            unheard = -(-self._unheard_bytes // self.frame_bytes) * self.frame_bytes
            pcm = b"".join(self._kept)[-unheard:] if unheard else b""
            if pcm:
                await self._push(TTSAudioRawFrame(pcm, self._rate, 1))

    def cut(self) -> list[Heard]:
        """What waits will not be heard any more: see `Playback.cut`."""
        self._is_paused = False
        self._kept.clear()
        self._kept_bytes = 0
        return self._playback.cut()

    @property
    def _unheard_bytes(self) -> int:
        return self._playback.waiting_samples * SAMPLE_WIDTH

    def _keep(self, pcm: bytes) -> None:
        self._kept.append(pcm)
        self._kept_bytes += len(pcm)
        needed = self._unheard_bytes + self.frame_bytes
        while self._kept_bytes - len(self._kept[0]) >= needed:
            self._kept_bytes -= len(self._kept.popleft())
