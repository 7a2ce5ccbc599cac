"""Sending: a slow client holds nobody up but its own responses, and there is one end."""

import asyncio

from emulators.realtime.outbox import Outbox
from tests.patience import PATIENCE_S


class SlowConnection:
    """Takes an event whenever it is told to; says when it waits for that."""

    def __init__(self):
        self.taken = []
        self.taking = asyncio.Semaphore(0)
        self.waiting = asyncio.Event()

    async def send(self, text):
        if self.taking.locked():
            self.waiting.set()
        await self.taking.acquire()
        self.taken.append(text)

    async def close(self, code, reason):
        self.taken.append((code, reason))


def take(connection, count):
    for _ in range(count):
        connection.taking.release()


async def test_responses_wait_while_a_client_has_too_much_before_it():
    connection = SlowConnection()
    outbox = Outbox(connection)
    running = asyncio.create_task(outbox.run())
    for number in range(300):
        outbox.put({"n": number})
    waiting = asyncio.create_task(outbox.room())
    take(connection, 100)
    await asyncio.wait_for(connection.waiting.wait(), PATIENCE_S)
    assert len(connection.taken) == 100
    assert not waiting.done()
    take(connection, 200)
    await asyncio.wait_for(waiting, PATIENCE_S)
    running.cancel()


async def test_what_was_queued_leaves_before_the_end_and_nothing_after_it():
    connection = SlowConnection()
    outbox = Outbox(connection)
    outbox.put({"n": 1})
    outbox.close(1011, "why" * 100)
    outbox.put({"n": 2})
    outbox.close(1000)
    take(connection, 5)
    await asyncio.wait_for(outbox.run(), PATIENCE_S)
    assert connection.taken == ['{"n":1}', (1011, ("why" * 100)[:123])]


async def test_the_end_lets_waiting_responses_go():
    connection = SlowConnection()
    outbox = Outbox(connection)
    for number in range(300):
        outbox.put({"n": number})
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    outbox.close(1000)
    await asyncio.wait_for(waiting, PATIENCE_S)
