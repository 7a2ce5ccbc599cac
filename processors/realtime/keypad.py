"""The keys that a caller presses, on their way to the agent."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from processors.dtmf import masked
from processors.events.conversation import DtmfReceived
from processors.events.event import Emit
from processors.playback import Playback
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.floor import Floor
from processors.realtime.history import History
from processors.realtime.interjections import Interjections
from processors.realtime.responses import ResponseRequest
from processors.realtime.sessions import Sessions

PAUSE_S = 1.5
"""Keys that nobody waits for are complete after this pause; ``#`` completes them at once."""

TERMINATOR = "#"
MOST_KEYS = 64

TURN_TIMEOUT_S = 3.0
"""How long keys wait for the end of what the caller was saying when they were pressed."""

Status = Literal["complete", "timeout", "caller_spoke"]


@dataclass(slots=True)
class _Collection:
    """Keys that a tool waits for."""

    count: int | None
    terminator: str
    sensitive: bool
    keys: str = ""
    status: Status | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, key: str) -> None:
        if key == self.terminator:
            self.end("complete")
            return
        self.keys += key
        if len(self.keys) >= (self.count or MOST_KEYS):
            self.end("complete")
        self.changed.set()

    def end(self, status: Status) -> None:
        self.status = self.status or status
        self.changed.set()


class Keypad:
    """Makes a turn of the caller's of the keys they press, or hands them to who collects them.

    The first key cuts the agent short, as speech does. A sequence is complete with ``#``, after
    `PAUSE_S` without a key, or when the caller begins to speak: so it stands in the conversation
    where it was pressed, before what is said after it and behind what was said before it.
    """

    def __init__(
        self,
        sessions: Sessions,
        history: History,
        caller: Caller,
        interjections: Interjections,
        playback: Playback,
        floor: Floor,
        emit: Emit,
        background: Background,
    ) -> None:
        self._sessions = sessions
        self._history = history
        self._caller = caller
        self._interjections = interjections
        self._playback = playback
        self._floor = floor
        self._emit = emit
        self._background = background
        self._keys = ""
        self._pause: asyncio.TimerHandle | None = None
        self._collection: _Collection | None = None

    async def press(self, key: str) -> None:
        """The caller pressed a key (0-9, ``*`` or ``#``)."""
        await self._barge_in()
        if self._collection:
            self._collection.take(key)
            return
        self._stop_pause()
        if key == TERMINATOR and self._keys:
            self._flush(respond=True)
            return
        self._keys += key
        if len(self._keys) >= MOST_KEYS:
            self._flush(respond=True)
            return
        loop = asyncio.get_running_loop()
        self._pause = loop.call_later(PAUSE_S, lambda: self._flush(respond=True))

    def caller_speaks(self) -> None:
        """The caller's turn begins: what was pressed before it comes before it."""
        if self._keys:
            # Their turn will be answered, and with it the keys.
            self._flush(respond=False)

    def caller_said(self, text: str | None) -> None:
        """The words of a turn are known: who answers in words presses no keys."""
        if self._collection and text and text.strip():
            self._collection.end("caller_spoke")

    @property
    def is_collecting(self) -> bool:
        """Whether the caller was asked for keys."""
        return self._collection is not None

    async def collect(
        self, *, count: int | None, terminator: str, timeout_s: float, sensitive: bool
    ) -> tuple[Status, str]:
        """Waits for keys until there are enough.

        Args:
            count: How many complete it; None waits for the terminator.
            terminator: The key that completes it, and is not one of them; "" for none.
            timeout_s: How long to wait for a key, from when the agent was heard to the end.
            sensitive: Their digits are shown to nobody.

        Raises:
            RuntimeError: Keys are being collected already.
        """
        if self._collection:
            raise RuntimeError("digits are being collected already")
        collection = self._collection = _Collection(count, terminator, sensitive)
        self._stop_pause()
        ahead, self._keys = self._keys, ""
        for key in ahead:
            collection.take(key)
        try:
            await self._wait(collection, timeout_s)
        finally:
            self._collection = None
        keys = collection.keys
        if keys:
            digits = masked(keys) if sensitive else keys
            self._emit(DtmfReceived(digits=digits, sensitive=sensitive))
        return collection.status or "timeout", keys

    def close(self) -> None:
        """The call ends."""
        self._stop_pause()

    async def _wait(self, collection: _Collection, timeout_s: float) -> None:
        heard = asyncio.ensure_future(self._playback.drained())
        changed = asyncio.ensure_future(collection.changed.wait())
        try:
            await asyncio.wait({heard, changed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()
            changed.cancel()
        while collection.status is None:
            collection.changed.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await collection.changed.wait()
            except TimeoutError:
                if not self._playback.is_playing:
                    return

    async def _barge_in(self) -> None:
        session = self._sessions.current
        if session:
            await self._interjections.cut(session)
            session.cancel_response()

    def _flush(self, *, respond: bool) -> None:
        self._stop_pause()
        keys, self._keys = self._keys, ""
        self._emit(DtmfReceived(digits=keys))
        self._background.start(self._deliver(keys, respond=respond), "realtime-keypad")

    async def _deliver(self, keys: str, *, respond: bool) -> None:
        if respond:
            # What the caller was saying when they pressed is an item before the keys are.
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN_TIMEOUT_S):
                    await self._floor.until(lambda: not self._caller.has_open_turn)
        text = f"(pressed on the keypad) {' '.join(keys)}"
        item = self._history.wrote("user", text)
        self._caller.typed(item.id, text)
        session = await self._sessions.ready()
        session.catch_up(self._history.seed())
        if respond:
            session.request_response(ResponseRequest(about=[item.id]))

    def _stop_pause(self) -> None:
        if self._pause:
            self._pause.cancel()
            self._pause = None
