"""The caller's side: their audio on its way to a session, and their words on the way back."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from pipecat.frames.frames import Frame, InterimTranscriptionFrame, TranscriptionFrame
from pipecat.utils.time import time_now_iso8601

from processors.events.conversation import UserSpeech, UserTranscript
from processors.events.event import Emit
from processors.live.session import LiveSession
from processors.live.ticker import Quiet
from processors.realtime.audio import SAMPLE_WIDTH, AudioFormat
from processors.realtime.items import Message, new_item_id
from processors.realtime.uplink import Uplink

QUIET_S = 0.8
"""Without a further fragment for so long a turn is over. Nobody tells of its end."""

KEPT_MS = 10_000
"""The caller's audio that is kept while there is no session."""

PATIENCE_S = 0.2
FILL_MS = 100
"""A session's time stands still without audio: where a line sends none, silence stands for it."""


class Caller:
    """Hands the caller's audio on and groups the fragments of their words into turns.

    Attributes:
        is_muted: The model hears silence instead.
        turns: How often they said, or wrote, something so far.
        first_turn: Set from the first time on.
        last_word_at: When the latest fragment came, on the loop's clock.
    """

    def __init__(
        self,
        audio_format: AudioFormat,
        history: list[Message],
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
        *,
        on_words: Callable[[], None],
        rtvi: bool,
    ) -> None:
        self.is_muted = False
        self.turns = 0
        self.first_turn = asyncio.Event()
        self.last_word_at: float | None = None
        self._format = audio_format
        self._history = history
        self._emit = emit
        self._push = push
        self._on_words = on_words
        self._rtvi = rtvi
        self._uplink = Uplink(emit)
        self._kept: deque[tuple[int, str]] = deque()
        self._kept_ms = 0
        self._heard_at = 0.0
        self._message: Message | None = None
        self.quiet = Quiet(QUIET_S, self._end)

    def hear(self, pcm: bytes, session: LiveSession | None) -> None:
        """Audio of the caller's; kept as long as there is no session."""
        self._heard_at = asyncio.get_running_loop().time()
        payload = self._format.encode(bytes(len(pcm)) if self.is_muted else pcm)
        if session:
            self._uplink.send(session, payload)
            return
        ms = len(pcm) * 1000 // (SAMPLE_WIDTH * self._format.sample_rate)
        self._kept.append((ms, payload))
        self._kept_ms += ms
        while self._kept_ms > KEPT_MS:
            self._kept_ms -= self._kept.popleft()[0]

    def deliver(self, session: LiveSession) -> None:
        """A session begins: it hears what was kept."""
        for _, payload in self._kept:
            session.append_audio(payload)
        self._kept.clear()
        self._kept_ms = 0

    async def fill(self, current: Callable[[], LiveSession | None]) -> None:
        """Sends silence where the line sends nothing; runs until it is cancelled."""
        silence = self._format.encode(bytes(self._format.samples(FILL_MS) * SAMPLE_WIDTH))
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(FILL_MS / 1000)
            session = current()
            if session and loop.time() - self._heard_at > PATIENCE_S:
                session.append_audio(silence)

    async def words(self, delta: str) -> None:
        """More of what the caller says."""
        if self._message is None:
            self._message = Message(new_item_id(), "user", "")
            self._history.append(self._message)
            self._emit(UserSpeech(speaking=True))
        message = self._message
        message.text = (message.text or "") + delta
        self.last_word_at = asyncio.get_running_loop().time()
        self._on_words()
        self.quiet.disturb()
        text = message.text.strip()
        self._emit(UserTranscript(item_id=message.id, text=text, final=False))
        if self._rtvi:
            await self._push(InterimTranscriptionFrame(text, "", time_now_iso8601()))

    @property
    def is_speaking(self) -> bool:
        """Whether a turn of theirs goes on."""
        return self._message is not None

    def wrote(self, text: str) -> None:
        """The caller wrote, or pressed keys, instead of speaking."""
        message = Message(new_item_id(), "user", text)
        self._history.append(message)
        self._count_turn()
        self._emit(UserTranscript(item_id=message.id, text=text, final=True))

    def _count_turn(self) -> None:
        self.turns += 1
        self.first_turn.set()

    async def finish(self) -> None:
        """What is being said ends here."""
        self.quiet.stop()
        await self._end()

    async def _end(self) -> None:
        message, self._message = self._message, None
        if message is None:
            return
        message.text = (message.text or "").strip()
        self._count_turn()
        self._emit(UserSpeech(speaking=False))
        self._emit(UserTranscript(item_id=message.id, text=message.text, final=True))
        if self._rtvi:
            await self._push(
                TranscriptionFrame(message.text, "", time_now_iso8601(), finalized=True)
            )
