"""What one receiver has not been told yet, and the attempts to tell it.

Events of one call go out in their order, one after the other; those of different calls do not wait
for each other. What waits is read from the records in parts, so that memory stays bounded however
long a receiver is away.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from bot.records import leases
from bot.records.service import Records
from bot.records.tables import CallEvent
from bot.records.writer import DatabaseAwayError
from bot.webhooks import ledger
from bot.webhooks.ledger import Progress
from bot.webhooks.post import Outcome, Poster
from bot.webhooks.receiver import Receiver

GIVEN_UP_AFTER = timedelta(hours=24)
AT_ONCE = 4
READ_AHEAD = 500
"""Events of a receiver in memory, at most."""

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 600.0
SAVE_EVERY_S = 1.0
LOOK_EVERY_S = 5.0
"""For what other instances wrote; what this one does wakes it."""

PAUSE_S = 0.25
"""Between two looks into the records: events come in bunches."""

RENEW_EVERY_S = leases.LASTS.total_seconds() / 3
CATCH_UP_S = 2.0


@dataclass(slots=True)
class _Lane:
    """One call's events, the next one first."""

    events: deque[CallEvent] = field(default_factory=deque)
    attempts: int = 0
    not_before: float = 0.0
    is_busy: bool = False


class Outbox:
    """Tells one receiver, while this instance holds its lease."""

    def __init__(self, receiver: Receiver, records: Records, poster: Poster) -> None:
        self.receiver = receiver
        self._records = records
        self._poster = poster
        self._progress: Progress | None = None
        self._lanes: dict[str, _Lane] = {}
        self._read_to = 0
        self._not_before = 0.0
        self._holds_until = 0.0
        self._renew_at = 0.0
        self._saved_at = 0.0
        self._is_dirty = False
        self._wake = asyncio.Event()
        self._posting: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be something new."""
        self._wake.set()

    def forget(self, call_ids: Sequence[str]) -> None:
        """Calls were deleted: nothing is said of them any more."""
        for call_id in call_ids:
            if lane := self._lanes.get(call_id):
                self._settle(event.id for event in lane.events)
                lane.events.clear()

    async def run(self) -> None:
        """Tells the receiver what it has not been told, until cancelled."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self._look()
                except (DatabaseAwayError, SQLAlchemyError, OSError) as error:
                    logger.debug("webhooks wait for the database: {}", type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._rest_s())
                await asyncio.sleep(PAUSE_S)
        finally:
            for task in self._posting:
                task.cancel()
            await asyncio.gather(*self._posting, return_exceptions=True)
            with suppress(DatabaseAwayError, SQLAlchemyError, OSError):
                await self._save()

    def _rest_s(self) -> float:
        now = time.monotonic()
        waiting = [lane.not_before for lane in self._lanes.values() if lane.events]
        moments = [now + LOOK_EVERY_S, *(max(each, self._not_before) for each in waiting)]
        if self._is_dirty:
            moments.append(self._saved_at + SAVE_EVERY_S)
        # Whatever waits only for room is woken by what makes it.
        return min(at for at in moments if at > now) - now

    async def _look(self) -> None:
        await self._records.caught_up(CATCH_UP_S)
        if not await self._holds():
            return
        if self._is_dirty and time.monotonic() >= self._saved_at + SAVE_EVERY_S:
            await self._save()
        await self._read()
        self._start()

    def _start(self) -> None:
        """Posts what is due, as far as there is room."""
        now = time.monotonic()
        for call_id, lane in list(self._lanes.items()):
            if len(self._posting) >= AT_ONCE or now < self._not_before:
                break
            if not lane.is_busy and lane.not_before <= now:
                lane.is_busy = True
                task = asyncio.create_task(self._tell(call_id, lane), name="webhook")
                self._posting.add(task)
                task.add_done_callback(self._told)

    async def _holds(self) -> bool:
        """Whether it is this instance that tells the receiver."""
        now = time.monotonic()
        if now < self._renew_at:
            return now < self._holds_until
        self._renew_at = now + RENEW_EVERY_S
        name = f"webhook {self.receiver.id}"
        if not await leases.hold(self._records.database, name, self._records.instance_id):
            self._holds_until, self._progress = 0.0, None
            self._lanes.clear()
            return False
        self._holds_until = now + leases.LASTS.total_seconds()
        return True

    async def _read(self) -> None:
        """Has the next events at hand, as many as there is room for."""
        database = self._records.database
        if self._progress is None:
            self._progress = await ledger.begin(database, self.receiver)
            self._read_to = self._progress.position
        room = READ_AHEAD - sum(len(lane.events) for lane in self._lanes.values())
        if room <= 0:
            return
        last = await ledger.settled(database)
        types = self.receiver.event_types
        found = await ledger.events_between(database, self._read_to, last, types, room)
        for event in found:
            if event.id not in self._progress.taken:
                self._lanes.setdefault(event.call_id, _Lane()).events.append(event)
        self._read_to = found[-1].id if len(found) == room else max(last, self._read_to)
        self._move_on()

    def _told(self, task: asyncio.Task[None]) -> None:
        self._posting.discard(task)
        if task.cancelled():
            return
        if error := task.exception():
            logger.opt(exception=error).error("a webhook failed")
        self._start()
        self._wake.set()

    async def _tell(self, call_id: str, lane: _Lane) -> None:
        """Posts a call's events until there are no more, or one is not taken."""
        try:
            while lane.events and time.monotonic() >= self._not_before:
                event = lane.events[0]
                if datetime.now(UTC) - event.created_at > GIVEN_UP_AFTER:
                    self._give_up(event)
                    continue
                body = orjson.dumps(event.payload)
                message_id = f"{event.call_id}.{event.sequence}"
                outcome = await self._poster.post(self.receiver.url, message_id, body)
                if outcome.error:
                    self._refused(lane, outcome)
                    return
                self._taken(lane, event)
        finally:
            lane.is_busy = False
            if not lane.events and self._lanes.get(call_id) is lane:
                self._lanes.pop(call_id, None)

    def _taken(self, lane: _Lane, event: CallEvent) -> None:
        lane.attempts = 0
        if self._progress:
            if self._progress.last_error:
                logger.info("the webhook {} takes events again", self.receiver.shown)
            self._progress.last_error = ""
            self._progress.delivered_at = datetime.now(UTC)
        if lane.events and lane.events[0] is event:
            lane.events.popleft()
        self._settle([event.id])

    def _refused(self, lane: _Lane, outcome: Outcome) -> None:
        pause_s = min(FIRST_RETRY_S * 2**lane.attempts, LAST_RETRY_S) * random.uniform(0.75, 1.25)
        lane.attempts = min(lane.attempts + 1, 20)
        lane.not_before = time.monotonic() + pause_s
        if outcome.retry_after_s is not None:
            self._not_before = time.monotonic() + outcome.retry_after_s
        if self._progress:
            if not self._progress.last_error:
                logger.warning(
                    "the webhook {} does not take events: {}", self.receiver.shown, outcome.error
                )
            self._progress.last_error = outcome.error
            self._progress.failed_at = datetime.now(UTC)
            self._is_dirty = True

    def _give_up(self, event: CallEvent) -> None:
        """It is too old: whoever comes back has the API for what was."""
        lane = self._lanes[event.call_id]
        lane.events.popleft()
        if self._progress:
            self._progress.given_up += 1
        logger.warning("an event was not taken by the webhook {} in time", self.receiver.shown)
        self._settle([event.id])

    def _settle(self, ids: Iterable[int]) -> None:
        if self._progress:
            self._progress.taken.update(ids)
            self._is_dirty = True
            self._move_on()

    def _move_on(self) -> None:
        """Up to the first event that is open, everything is done."""
        if self._progress is None:
            return
        heads = [lane.events[0].id for lane in self._lanes.values() if lane.events]
        position = min(heads) - 1 if heads else self._read_to
        if position > self._progress.position:
            self._progress.position = position
            self._progress.taken = {each for each in self._progress.taken if each > position}
            self._is_dirty = True

    async def _save(self) -> None:
        if self._progress and self._is_dirty:
            self._is_dirty = False
            self._saved_at = time.monotonic()
            await ledger.save(self._records.database, self.receiver, self._progress)
