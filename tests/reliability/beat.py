"""What time a call's carrier goes by, on a machine that may be busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from emulators.twilio.clock import FrameClock
from emulators.twilio.frames import FRAME_S


@asynccontextmanager
async def beating(*, waits: bool) -> AsyncIterator[FrameClock]:
    """A carrier's clock, which beats until the block ends.

    Args:
        waits: A beat that comes late is not made up for: while this process gets no time, the
            line's stands still. It has to, where things are judged and the machine is slow: a
            carrier that makes up for seconds in one go speaks and hears them all at once, as no
            caller does. Otherwise the line goes by the wall's time, and every delay is heard.
    """
    clock = FrameClock()
    task = asyncio.create_task(_wait_and_beat(clock) if waits else clock.run())
    try:
        yield clock
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _wait_and_beat(clock: FrameClock) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + FRAME_S, loop.time())
        await asyncio.sleep(due - loop.time())
        clock.beat()
