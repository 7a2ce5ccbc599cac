"""Sums calls up in the background: what they were about, what came of them, which data."""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from loguru import logger
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from agents import Team
from bot.after_call.due import background_of, due_calls
from bot.after_call.form import form_of, known_data
from bot.after_call.model import FormModel, NoAnswerError
from bot.after_call.transcript import messages_of
from bot.costs.tracker import CostTracker
from bot.events import EventBus
from bot.records import leases
from bot.records.reading import read_record
from bot.records.service import Records
from bot.records.writer import DatabaseAwayError
from processors.events.calls import CallEnded, Problem
from processors.events.event import Event
from processors.events.figures import Cost
from processors.events.outcome import CallSummarised
from processors.text_mode.chat import ChatEndpoint

LEASE = "call summaries"
LOOK_EVERY_S = 10.0
"""Also how often the lease is renewed, which is a third of what it lasts."""

AT_ONCE = 4
CATCH_UP_S = 2.0
FIRST_RETRY_S = 2.0
LAST_RETRY_S = 600.0
REMEMBERED = 10_000

TeamOf = Callable[[str | None, Mapping[str, Any] | None], Team | None]
"""The team of a call by its name, and by the request for it where we placed the call."""


@dataclass(slots=True)
class _Retry:
    attempts: int = 0
    at: float = 0.0


class CallSummaries:
    """Has a chat model fill in a form about each call that is over.

    Which ones are due is in the records, so that nothing is lost with the process. Of several
    instances one does it for all.
    """

    def __init__(
        self,
        records: Records,
        bus: EventBus,
        costs: CostTracker,
        *,
        chat: ChatEndpoint,
        team_of: TeamOf,
    ) -> None:
        """Does nothing before `start`.

        Args:
            records: Of the calls.
            bus: Where the summaries go.
            costs: What a summary costs is added to what its call did.
            chat: Where the model is.
            team_of: Finds a call's team, whose schema its data is of.
        """
        self._records = records
        self._bus = bus
        self._costs = costs
        self._model = FormModel(chat)
        self._team_of = team_of
        self._wake = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._retries: dict[str, _Retry] = {}
        self._done: OrderedDict[str, None] = OrderedDict()

    def start(self) -> None:
        """Looks for calls from now on."""
        self._bus.attach(self._note)
        self._looking = asyncio.create_task(self._look_on(), name="call-summaries")

    async def close(self) -> None:
        """Gives up what is being made: it is due again at the next start."""
        if self._looking:
            self._bus.detach(self._note)
            tasks = [self._looking, *self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._model.close()

    def _note(self, event: Event) -> None:
        if isinstance(event, CallEnded):
            self._wake.set()

    async def _look_on(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._look()
            except (DatabaseAwayError, SQLAlchemyError, OSError) as error:
                logger.debug("no call can be summed up now: {}", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._rest_s())

    def _rest_s(self) -> float:
        now = time.monotonic()
        next_retry = min((retry.at - now for retry in self._retries.values()), default=LOOK_EVERY_S)
        return min(LOOK_EVERY_S, max(0.1, next_retry))

    async def _look(self) -> None:
        await self._records.caught_up(CATCH_UP_S)
        if not self._records.has_adopted:
            return
        database = self._records.database
        if not await leases.hold(database, LEASE, self._records.instance_id):
            return
        now = time.monotonic()
        due = [each for each in await due_calls(database) if each not in self._done]
        self._retries = {id: retry for id, retry in self._retries.items() if id in due}
        for call_id in due:
            retry = self._retries.get(call_id)
            if len(self._running) >= AT_ONCE:
                return
            if call_id not in self._running and (retry is None or retry.at <= now):
                task = asyncio.create_task(self._sum_up(call_id), name=f"summary-{call_id}")
                self._running[call_id] = task

    async def _sum_up(self, call_id: str) -> None:
        with logger.contextualize(call_id=call_id):
            try:
                await self._made(call_id)
                self._settled(call_id)
            except NoAnswerError as error:
                self._failed(call_id, error)
            except (DatabaseAwayError, SQLAlchemyError, OSError) as error:
                self._failed(call_id, NoAnswerError(type(error).__name__, is_final=False))
            except Exception as error:
                logger.exception("a call could not be summed up")
                self._failed(call_id, NoAnswerError(type(error).__name__, is_final=True))
            finally:
                del self._running[call_id]
                self._wake.set()

    async def _made(self, call_id: str) -> None:
        database = self._records.database
        record = await read_record(database, call_id)
        if record is None:
            return
        # It may have been another process' call.
        self._bus.number_from(call_id, record.call.last_sequence)
        background = await background_of(database, call_id)
        team = self._team_of(record.call.team, background.request)
        schema = (team.data_schema or team.answers) if team else None
        answer = await self._model.fill(messages_of(record), form_of(schema))
        try:
            summed_up = CallSummarised(
                summary=answer.fields["summary"],
                intent=answer.fields["intent"],
                outcome=answer.fields["outcome"],
                data=known_data(answer.fields, schema),
                model=self._model.name,
            )
        except (KeyError, ValidationError):
            raise NoAnswerError("the answer is not the form", is_final=False) from None
        if background.cost:
            self._costs.go_on(call_id, Cost.model_validate(background.cost))
        emit = self._bus.emitter(call_id)
        if answer.usage:
            emit(answer.usage)
        emit(summed_up)

    def _settled(self, call_id: str) -> None:
        """Not to be looked at again: what was said of it is on its way into the records."""
        self._retries.pop(call_id, None)
        self._done[call_id] = None
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)

    def _failed(self, call_id: str, error: NoAnswerError) -> None:
        if error.is_final:
            logger.warning("a call is not summed up: {}", error)
            self._bus.emitter(call_id)(
                Problem(source="summary", code="no_summary", message=str(error)[:500])
            )
            self._settled(call_id)
            return
        retry = self._retries.setdefault(call_id, _Retry())
        pause_s = min(FIRST_RETRY_S * 2**retry.attempts, LAST_RETRY_S) * random.uniform(0.75, 1.25)
        retry.attempts += 1
        retry.at = time.monotonic() + pause_s
        logger.info("a call is summed up later, in {:.0f} s: {}", pause_s, error)
