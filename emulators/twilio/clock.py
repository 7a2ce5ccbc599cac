"""The one beat, every 20 ms, that all calls of a process move to."""

import asyncio
from collections.abc import Callable

from loguru import logger

from emulators.twilio.frames import FRAME_S, beats


class FrameClock:
    """Calls its listeners every 20 ms, on an absolute schedule.

    A beat that comes late is made up for, so audio never drifts against real time. Tests call
    `beat` by hand instead of `run`: then time is whatever they say.
    """

    def __init__(self) -> None:
        self._listeners: dict[int, Callable[[], None]] = {}
        self._last_key = 0

    @property
    def listeners(self) -> int:
        """How many functions are called at a beat."""
        return len(self._listeners)

    def subscribe(self, on_beat: Callable[[], None]) -> Callable[[], None]:
        """Calls ``on_beat`` at every beat until the function that is returned is called."""
        self._last_key += 1
        key = self._last_key
        self._listeners[key] = on_beat

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def beat(self) -> None:
        """Moves every call on by 20 ms. A listener that fails is dropped: it ends only its call."""
        for key, on_beat in tuple(self._listeners.items()):
            try:
                on_beat()
            except Exception:
                logger.exception("a call broke on the carrier's beat")
                self._listeners.pop(key, None)

    async def sleep(self, seconds: float) -> None:
        """Waits for as many beats as ``seconds`` has, at least one."""
        left = max(1, beats(seconds))
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_beat() -> None:
            nonlocal left
            left -= 1
            if left <= 0 and not over.done():
                over.set_result(None)

        unsubscribe = self.subscribe(on_beat)
        try:
            await over
        finally:
            unsubscribe()

    async def run(self) -> None:
        """Beats in real time until it is cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.beat()
