"""Writes down what somebody says who is not the caller, in a session of its own.

It is a session for conversation that never answers, not one of the type ``transcription``. It can
be had wherever calls are served, also at Azure and compatible servers, and takes every model that
writes: two of them have no turn detection in the other kind
(https://developers.openai.com/api/docs/guides/realtime-vad). Without a response nothing is billed
but the transcripts.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

from loguru import logger

from agents.team import Agent
from processors.events.calls import Problem
from processors.events.event import Emit
from processors.realtime.audio import PCM
from processors.realtime.connection import Connect, ConnectError, open_websocket
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import SessionOptions
from processors.realtime.server_events import (
    CallerText,
    CallerTextDelta,
    Committed,
    Lost,
    ServerEvent,
    SpeechStarted,
    SpeechStopped,
)
from processors.realtime.session import Session, SessionError
from processors.realtime.usage import transcription_usage_of

OnWords = Callable[[str, str, bool], None]
"""Takes an item's id, all of its words so far, and whether they are final."""

RETRY_S = 1.0
MAX_KEPT = 1500
"""Messages of audio that wait for a session: 30 s in frames of 20 ms."""

EAR = Agent(name="transcriber", description="", instructions="Say nothing.", voice="marin")
"""Who has such a session: nobody is to hear them."""


class Transcriber:
    """Hears mono PCM16 of 24 kHz, and tells the words of each turn as they come.

    While no session is to be had the latest audio is kept for the next one. `hear` never waits.

    Args:
        endpoints: Where sessions are opened, in order of preference; at least one.
        options: Of the call's sessions: who tells turns, and which model writes.
        on_words: Told of words.
        emit: Takes what transcripts are billed for, and one problem for each outage.
        connect: Opens connections; tests bring their own.
    """

    sample_rate = PCM.sample_rate

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        options: SessionOptions,
        on_words: OnWords,
        emit: Emit,
        *,
        connect: Connect = open_websocket,
    ) -> None:
        self._endpoints = tuple(endpoints)
        self._options = options.without_turns()
        self._on_words = on_words
        self._emit = emit
        self._connect = connect
        self._session: Session | None = None
        self._waiting: deque[str] = deque(maxlen=MAX_KEPT)
        self._deltas: dict[str, list[str]] = {}
        self._owed: set[str] = set()
        self._is_speaking = False
        self._changed = asyncio.Event()
        self._lost = asyncio.Event()
        self._running = asyncio.create_task(self._run(), name="transcriber")

    def hear(self, pcm: bytes) -> None:
        """More audio."""
        payload = PCM.encode(pcm)
        if self._session:
            self._session.append_audio(payload)
        else:
            self._waiting.append(payload)

    async def finish(self, timeout_s: float) -> None:
        """Returns when all that was said is written, but not later; a turn that goes on ends."""
        if self._session and self._is_speaking:
            self._session.commit_audio()
            self._is_speaking = False
            self._owed.add("")
        try:
            async with asyncio.timeout(timeout_s):
                while self._owed:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            logger.warning("an operator's last words are not written after {} s", timeout_s)

    async def close(self) -> None:
        """Ends the session."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        """Keeps a session open."""
        is_out = False
        for endpoint in cycle(self._endpoints):
            self._lost.clear()
            try:
                session = await self._open(endpoint)
            except (ConnectError, SessionError) as error:
                logger.warning("no session to write in at {}: {}", endpoint.name, error)
                if not is_out:
                    self._emit(Problem(source="realtime", code="no_transcript", message=str(error)))
                is_out = True
                await asyncio.sleep(RETRY_S)
                continue
            is_out = False
            try:
                self._session = session
                while self._waiting:
                    session.append_audio(self._waiting.popleft())
                await self._lost.wait()
            finally:
                self._session = None
                await session.close()

    async def _open(self, endpoint: Endpoint) -> Session:
        connection = await self._connect(endpoint)
        session = Session(connection, endpoint, EAR, self._note)
        try:
            await session.configure(self._configuration(), ())
        except BaseException:
            await session.close()
            raise
        return session

    def _configuration(self) -> dict[str, Any]:
        """The call's, without tools and without a voice."""
        configuration = self._options.session(EAR, (), PCM)
        audio = configuration["audio"]
        return {
            "type": "realtime",
            "instructions": EAR.instructions,
            "output_modalities": ["text"],
            "audio": {"input": audio["input"]},
        }

    async def _note(self, session: Session, event: ServerEvent) -> None:
        match event:
            case SpeechStarted():
                self._is_speaking = True
            case SpeechStopped():
                self._is_speaking = False
            case Committed(item_id):
                self._owed.discard("")
                self._owed.add(item_id)
            case CallerTextDelta(item_id, delta):
                words = self._deltas.setdefault(item_id, [])
                words.append(delta)
                self._on_words(item_id, "".join(words), False)
            case CallerText(item_id):
                self._written(session, event)
                # Nothing is ever answered in this session, so nothing has to be remembered.
                session.delete_item(item_id)
            case Lost(reason):
                logger.warning(
                    "lost the session that an operator's words are written in: {}", reason
                )
                self._owed.clear()
                self._is_speaking = False
                self._changed.set()
                self._lost.set()

    def _written(self, session: Session, event: CallerText) -> None:
        self._deltas.pop(event.item_id, None)
        self._owed.discard(event.item_id)
        if usage := transcription_usage_of(event, self._options.transcription_model or ""):
            self._emit(usage)
        if text := (event.text or "").strip():
            self._on_words(event.item_id, text, True)
        self._changed.set()
