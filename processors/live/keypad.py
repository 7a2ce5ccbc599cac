"""The keys that a caller presses: the Live API has no event for them, so the model is told."""

import asyncio
from collections.abc import Callable

from processors.dtmf import masked
from processors.events.conversation import DtmfReceived
from processors.events.event import Emit
from processors.playback import Playback
from processors.realtime.keypad import MOST_KEYS, PAUSE_S, TERMINATOR, Status


class Keypad:
    """Hands keys to ``on_keys`` once they are complete, or to who collects them."""

    def __init__(self, emit: Emit, playback: Playback, on_keys: Callable[[str], None]) -> None:
        self._emit = emit
        self._playback = playback
        self._on_keys = on_keys
        self._keys = ""
        self._pause: asyncio.TimerHandle | None = None
        self._collecting = False
        self._spoke = False
        self._changed = asyncio.Event()

    def press(self, key: str) -> None:
        """The caller pressed a key (0-9, ``*`` or ``#``)."""
        self.close()
        if self._collecting:
            self._keys += key
            self._changed.set()
            return
        if key != TERMINATOR or not self._keys:
            self._keys += key
        if key == TERMINATOR or len(self._keys) >= MOST_KEYS:
            self._flush()
        else:
            self._pause = asyncio.get_running_loop().call_later(PAUSE_S, self._flush)

    def caller_spoke(self) -> None:
        """Who answers in words presses no keys."""
        self._spoke = True
        self._changed.set()

    @property
    def is_collecting(self) -> bool:
        """Whether the caller was asked for keys."""
        return self._collecting

    async def collect(
        self, *, count: int | None, terminator: str, timeout_s: float, sensitive: bool
    ) -> tuple[Status, str]:
        """Waits for keys: see `processors.voice_model.VoiceModel.collect_digits`.

        Raises:
            RuntimeError: Keys are being collected already.
        """
        if self._collecting:
            raise RuntimeError("digits are being collected already")
        self.close()
        self._collecting, self._spoke = True, False
        status: Status | None = None
        try:
            while status is None:
                status = self._status(count or MOST_KEYS, terminator)
                if status is None:
                    self._changed.clear()
                    try:
                        async with asyncio.timeout(timeout_s):
                            await self._changed.wait()
                    except TimeoutError:
                        # The caller is still being told what to press.
                        status = None if self._playback.is_playing else "timeout"
        finally:
            self._collecting = False
            keys, self._keys = self._keys, ""
        end = keys.find(terminator) if terminator else -1
        keys = keys[:end] if end >= 0 else keys[: count or MOST_KEYS]
        if keys:
            digits = masked(keys) if sensitive else keys
            self._emit(DtmfReceived(digits=digits, sensitive=sensitive))
        return status, keys

    def close(self) -> None:
        """No pause is waited for any more."""
        if self._pause:
            self._pause.cancel()
            self._pause = None

    def _status(self, count: int, terminator: str) -> Status | None:
        if (terminator and terminator in self._keys) or len(self._keys) >= count:
            return "complete"
        return "caller_spoke" if self._spoke else None

    def _flush(self) -> None:
        self.close()
        keys, self._keys = self._keys, ""
        self._emit(DtmfReceived(digits=keys))
        self._on_keys(keys)
