"""The calls that are live in this process: admission, lifetime, and how each one ended."""

import asyncio
import re
import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Protocol

from loguru import logger
from pipecat.frames.frames import CancelFrame, EndFrame, Frame
from pipecat.pipeline.worker import PipelineWorker
from pipecat.workers.runner import WorkerRunner

from bot.browser_events import relay
from bot.events import EventBus
from bot.pipeline import Conversation, End, EndReason
from bot.transports.line import Line
from processors.events import CallEnded, CallStarted, Emit

CALL_ID = re.compile(r"call_[0-9a-f]{32}")
OUTCOMES_KEPT = 1000
"""The carrier asks how a call ended right after it; this many later calls may come between."""

FAREWELL = "I am sorry, I have to go now. Please call again in a moment. Goodbye."
FAREWELL_TIMEOUT_S = 8.0
"""For saying and hearing it. Container runtimes allow 10 s between SIGTERM and SIGKILL."""

FOLLOW_UP_TIMEOUT_S = 2.0
"""How long a carrier may take to ask what comes after a stream that was closed while draining."""

CANCEL_TIMEOUT_S = 3.0
"""After this long a cancelled pipeline is told again, past whatever holds it up."""


class NoRoomError(Exception):
    """The call cannot be taken: too many at once, or the service is shutting down."""


class Converse(Protocol):
    """Makes the pipeline of one call: `bot.pipeline.build` with all but these bound."""

    def __call__(self, line: Line, *, call_id: str, emit: Emit, end: End) -> Conversation:
        """A pipeline that is not running yet."""
        ...


def new_call_id() -> str:
    """Names a call here, in events and in logs; never a phone number or a carrier's id."""
    return f"call_{uuid.uuid4().hex}"


class Call:
    """One conversation, from its admission until everything that belonged to it is gone."""

    def __init__(self, registry: "CallRegistry", call_id: str) -> None:
        self.id = call_id
        self.line: Line | None = None
        self.reason: EndReason | None = None
        self.ended = asyncio.Event()
        self._registry = registry
        self._conversation: Conversation | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, line: Line) -> None:
        """Runs the call in a task of its own."""
        self._task = asyncio.create_task(self.run(line), name=self.id)

    async def run(self, line: Line) -> None:
        """Holds the conversation until it ends, whoever ends it, and cleans up after it."""
        self.line = line
        started = time.monotonic()
        emit = self._registry.bus.emitter(self.id)
        with logger.contextualize(call_id=self.id):
            try:
                try:
                    await self._converse(line, emit)
                finally:
                    await line.close()
            except Exception:
                self.reason = "error"
                logger.exception("the call failed")
            finally:
                self.reason = self.reason or "error"
                self.release()
                emit(CallEnded(reason=self.reason, duration_s=time.monotonic() - started))

    def release(self) -> None:
        """Gives the call's place to another one; also for a call that did not come to run."""
        self._registry.forget(self)
        self.ended.set()

    async def end(self, reason: EndReason, *, farewell: str | None = None) -> None:
        """Ends the call politely: what is being said is heard, then ``farewell``, then it's over.

        Returns when the call is over, after `FAREWELL_TIMEOUT_S` without more ado.
        """
        self.reason = self.reason or reason
        conversation = self._conversation
        if conversation is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_TIMEOUT_S):
                if farewell:
                    await conversation.model.say(farewell)
                await self._play_out(reason)
                await self.ended.wait()
        await self._cancel(conversation)

    async def _play_out(self, reason: EndReason) -> None:
        """Lets the pipeline end when all it has to say was heard; the first reason counts."""
        self.reason = self.reason or reason
        if self._conversation:
            await self._conversation.worker.queue_frame(EndFrame(reason=self.reason))

    async def _converse(self, line: Line, emit: Emit) -> None:
        conversation = self._registry.converse(line, call_id=self.id, emit=emit, end=self._play_out)
        self._conversation = conversation
        conversation.worker.add_event_handler("on_pipeline_finished", self._note_end)
        # A runner of its own: one that is shared never lets go of finished workers.
        runner = WorkerRunner(name=self.id, handle_sigint=False)
        await runner.add_workers(conversation.worker)
        with ExitStack() as stack:
            beside = [asyncio.create_task(self._cancel_when_hung_up(line, conversation))]
            if line.rtvi:
                events = stack.enter_context(self._registry.bus.subscribe(call_id=self.id))
                beside.append(asyncio.create_task(relay(events, conversation.worker.rtvi)))
            emit(
                CallStarted(
                    team=self._registry.team_name,
                    channel=line.channel,
                    provider_call_id=line.provider_call_id,
                )
            )
            try:
                await runner.run()
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    async def _note_end(self, _worker: PipelineWorker, frame: Frame) -> None:
        """An end that nobody here asked for: a browser's "disconnect-bot", or a broken output."""
        self.reason = self.reason or ("caller" if isinstance(frame, EndFrame) else "error")

    async def _cancel_when_hung_up(self, line: Line, conversation: Conversation) -> None:
        await line.hung_up.wait()
        self.reason = self.reason or ("error" if line.failure else "caller")
        await self._cancel(conversation)

    async def _cancel(self, conversation: Conversation) -> None:
        """Stops the pipeline at once, also one that waits for the end of what it plays."""
        await conversation.worker.cancel(reason=self.reason)
        with suppress(TimeoutError):
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                await self.ended.wait()
        if not self.ended.is_set():
            # The worker pushes nothing while it waits for an EndFrame to arrive: go past it.
            await conversation.worker.pipeline.queue_frame(CancelFrame(reason=self.reason))


class CallRegistry:
    """Admits calls up to a limit, knows the live ones, and remembers how the last ones ended."""

    def __init__(self, *, limit: int, team_name: str, bus: EventBus, converse: Converse) -> None:
        self.team_name = team_name
        self.bus = bus
        self.converse = converse
        self._limit = limit
        self._live: dict[str, Call] = {}
        self._outcomes: OrderedDict[str, EndReason] = OrderedDict()
        self._draining = False
        self._unasked: set[str] = set()
        self._all_asked = asyncio.Event()

    @property
    def live(self) -> Mapping[str, Call]:
        """Calls that hold a place, by id."""
        return self._live

    @property
    def is_draining(self) -> bool:
        """Whether the service takes no more calls because it is about to stop."""
        return self._draining

    @property
    def has_room(self) -> bool:
        """Whether a call would be admitted now."""
        return not self._draining and len(self._live) < self._limit

    def admit(self, call_id: str | None = None) -> Call:
        """A place for a call: run it or release it.

        Args:
            call_id: A name made by `new_call_id` earlier; a name that wasn't, or that is in use,
                is replaced by a new one.

        Raises:
            NoRoomError: There are too many calls, or the service is shutting down.
        """
        if self._draining:
            raise NoRoomError("the service is shutting down")
        if len(self._live) >= self._limit:
            raise NoRoomError(f"{self._limit} calls are live, which is the limit (MAX_CALLS)")
        if call_id is None or not CALL_ID.fullmatch(call_id) or call_id in self._live:
            call_id = new_call_id()
        call = self._live[call_id] = Call(self, call_id)
        return call

    def forget(self, call: Call) -> None:
        """Takes a call that is over off the list, and remembers how it ended."""
        self._live.pop(call.id, None)
        if call.line and call.line.provider_call_id and call.reason:
            self._outcomes[call.line.provider_call_id] = call.reason
            if self._draining and call.reason != "caller":
                self._unasked.add(call.line.provider_call_id)
            while len(self._outcomes) > OUTCOMES_KEPT:
                self._outcomes.popitem(last=False)

    def outcome(self, provider_call_id: str) -> EndReason | None:
        """How the carrier's call ended, or is about to; None for one that was never here."""
        self._unasked.discard(provider_call_id)
        if not self._unasked:
            self._all_asked.set()
        for call in self._live.values():
            if call.line and call.line.provider_call_id == provider_call_id:
                return call.reason or "agent"
        return self._outcomes.get(provider_call_id)

    async def drain(self, patience_s: float) -> None:
        """Admits no more calls, lets the live ones go on for a while, then ends them politely."""
        self._draining = True
        if self._live and patience_s:
            logger.info("{} live calls may go on for {} s", len(self._live), patience_s)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await asyncio.gather(*(call.ended.wait() for call in self._live.values()))
        if self._live:
            logger.info("saying goodbye on {} live calls", len(self._live))
            ending = (call.end("shutdown", farewell=FAREWELL) for call in self._live.values())
            await asyncio.gather(*ending)
        if self._unasked:
            # Gone too early, the carrier would report an application error to the caller.
            self._all_asked.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(FOLLOW_UP_TIMEOUT_S):
                    await self._all_asked.wait()
