"""The calls that are live in this process: admission, lifetime, and how each one ended."""

import asyncio
import re
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Protocol

from loguru import logger
from pipecat.frames.frames import CancelFrame, EndFrame, Frame
from pipecat.pipeline.worker import PipelineWorker
from pipecat.workers.runner import WorkerRunner

from bot.browser_events import relay
from bot.events import EventBus
from bot.follow_up import Apologise, EndReason, FollowUp, follow_up_of
from bot.line_report import report_quality
from bot.pipeline import Conversation, End
from bot.plan import CallPlan
from bot.recording.call_recording import CallRecording
from bot.takeover import TakeOver
from bot.transports.line import Line
from processors.approval import Approvals
from processors.call_audio.tap import AudioTap
from processors.events.calls import CallEnded, CallStarted
from processors.events.event import Emit
from processors.tool_questions import Questions
from processors.voice_model import VoiceModel

CALL_ID = re.compile(r"call_[0-9a-f]{32}")
FOLLOW_UPS_KEPT = 1000
"""The carrier asks what is to follow right after a call; so many later ones may come between."""

TIME_IS_UP = "I am sorry, we have run out of time for this call. Thank you, and goodbye."

FAREWELL_TIMEOUT_S = 8.0
"""For saying and hearing it. Container runtimes allow 10 s between SIGTERM and SIGKILL."""

CANCEL_TIMEOUT_S = 3.0
"""After this long a cancelled pipeline is told again, past whatever holds it up."""


class NoRoomError(Exception):
    """The call cannot be taken: too many at once, or the service is shutting down."""


class Converse(Protocol):
    """Makes the pipeline of one call: `bot.pipeline.build` with all but these bound."""

    def __call__(
        self, line: Line, *, call_id: str, plan: CallPlan, emit: Emit, end: End
    ) -> Conversation:
        """A pipeline that is not running yet."""
        ...


def new_call_id() -> str:
    """Names a call here, in events and in logs; never a phone number or a carrier's id."""
    return f"call_{uuid.uuid4().hex}"


async def _always(_call_id: str) -> bool:
    return True


class Call:
    """One conversation, from its admission until everything that belonged to it is gone.

    Attributes:
        plan: What was known of the call before it started.
        is_followed_up: Whether the carrier has asked what comes after its media stream.
        emit: Reports a fact of this call.
    """

    def __init__(self, registry: "CallRegistry", call_id: str, plan: CallPlan) -> None:
        self.id = call_id
        self.plan = plan
        self.emit: Emit = registry.bus.emitter(call_id)
        self.line: Line | None = None
        self.reason: EndReason | None = None
        self.follow_up: FollowUp | None = None
        self.is_followed_up = False
        self.ended = asyncio.Event()
        self._registry = registry
        self._conversation: Conversation | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def model(self) -> VoiceModel | None:
        """Who talks with the caller; None before the conversation has begun."""
        return self._conversation.model if self._conversation else None

    @property
    def audio(self) -> AudioTap | None:
        """Both sides of what is heard; None before the call's media is connected."""
        return self._conversation.audio if self._conversation else None

    @property
    def recording(self) -> CallRecording | None:
        """What writes the call to disk; None before its media is connected."""
        return self._conversation.recording if self._conversation else None

    @property
    def approvals(self) -> Approvals | None:
        """What waits for somebody's yes; None before the conversation has begun."""
        return self._conversation.approvals if self._conversation else None

    @property
    def takeover(self) -> TakeOver | None:
        """Who talks with the caller; None before the conversation has begun."""
        return self._conversation.takeover if self._conversation else None

    @property
    def questions(self) -> Questions | None:
        """What tools ask and nobody has answered; None before the conversation has begun."""
        return self._conversation.tool_talk.questions if self._conversation else None

    def start(self, line: Line) -> None:
        """Runs the call in a task of its own."""
        self._task = asyncio.create_task(self.run(line), name=self.id)

    async def run(self, line: Line) -> None:
        """Holds the conversation until it ends, whoever ends it, and cleans up after it."""
        self.line = line
        started = time.monotonic()
        with logger.contextualize(call_id=self.id):
            try:
                try:
                    await self._converse(line)
                finally:
                    await line.close()
            except Exception:
                self.reason = "error"
                logger.exception("the call failed")
            finally:
                self.reason = self.reason or "error"
                self.release()
                self.emit(
                    CallEnded(reason=self.reason, duration_s=round(time.monotonic() - started, 3))
                )

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
                await conversation.takeover.withdraw("call_ended")
                if farewell:
                    await conversation.model.say(farewell)
                await self._play_out(reason)
                await self.ended.wait()
        await self._cancel(conversation)

    async def hand_over(self) -> None:
        """The caller talks with a person from now on: the conversation here is over."""
        await self._play_out("transfer")

    async def cut(self, reason: EndReason) -> None:
        """Ends the call at once, whatever is being said. Returns when it is over."""
        self.reason = self.reason or reason
        if self._conversation:
            await self._cancel(self._conversation)

    async def _hang_up(self, reason: EndReason, follow_up: FollowUp | None = None) -> None:
        """The conversation itself wants to end, if its agent may leave this call."""
        if reason != "agent" or await self._registry.may_hang_up(self.id):
            await self._play_out(reason, follow_up)

    async def _play_out(self, reason: EndReason, follow_up: FollowUp | None = None) -> None:
        """Lets the pipeline end when all it has to say was heard; the first reason counts."""
        if self.reason is None:
            self.reason, self.follow_up = reason, follow_up
        if self._conversation:
            await self._conversation.worker.queue_frame(EndFrame(reason=self.reason))

    async def _converse(self, line: Line) -> None:
        plan = self.plan
        conversation = self._registry.converse(
            line, call_id=self.id, plan=plan, emit=self.emit, end=self._hang_up
        )
        self._conversation = conversation
        conversation.worker.add_event_handler("on_pipeline_finished", self._note_end)
        # A runner of its own: one that is shared never lets go of finished workers.
        runner = WorkerRunner(name=self.id, handle_sigint=False)
        await runner.add_workers(conversation.worker)
        with ExitStack() as stack:
            beside = [
                asyncio.create_task(self._cancel_when_hung_up(line, conversation)),
                asyncio.create_task(report_quality(conversation.audio, self.emit)),
            ]
            if plan.max_duration_s is not None:
                beside.append(asyncio.create_task(self._end_in(plan.max_duration_s)))
            if line.rtvi:
                events = stack.enter_context(self._registry.bus.subscribe(call_id=self.id))
                beside.append(asyncio.create_task(relay(events, conversation.worker.rtvi)))
            self.emit(
                CallStarted(
                    team=plan.team.name,
                    channel=line.channel,
                    direction=plan.direction,
                    from_number=plan.from_,
                    to_number=plan.to,
                    task=plan.task,
                    provider_call_id=line.provider_call_id,
                )
            )
            try:
                async with conversation.recording:
                    await runner.run()
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                conversation.approvals.close()
                conversation.tool_talk.close()
                await conversation.takeover.close()

    async def _note_end(self, _worker: PipelineWorker, frame: Frame) -> None:
        """An end that nobody here asked for: a browser's "disconnect-bot", or a broken output."""
        self.reason = self.reason or ("caller" if isinstance(frame, EndFrame) else "error")

    async def _end_in(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.end("limit", farewell=TIME_IS_UP)

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
    """Admits calls up to a limit, knows the live ones, and remembers what follows the last ones."""

    def __init__(
        self,
        *,
        limit: int,
        plan: CallPlan,
        bus: EventBus,
        converse: Converse,
        prepare: Callable[[str, CallPlan], CallPlan] = lambda _call_id, plan: plan,
        may_hang_up: Callable[[str], Awaitable[bool]] = _always,
    ) -> None:
        """Holds no call yet.

        Args:
            limit: Calls at once.
            plan: Of calls that come without one of their own.
            bus: Carries the calls' events.
            converse: Makes a call's pipeline.
            prepare: Completes the plan of a call, by its id, when it is admitted.
            may_hang_up: Whether the agents of a call, by its id, may end it; may take its time.
        """
        self._plan = plan
        self._prepare = prepare
        self.may_hang_up = may_hang_up
        self.bus = bus
        self.converse = converse
        self._limit = limit
        self._live: dict[str, Call] = {}
        self._follow_ups: OrderedDict[str, FollowUp] = OrderedDict()
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

    def admit(self, call_id: str | None = None, plan: CallPlan | None = None) -> Call:
        """A place for a call: run it or release it.

        Args:
            call_id: A name made by `new_call_id` earlier; a name that wasn't, or that is in use,
                is replaced by a new one.
            plan: What is known of the call; without one the team that answers has it.

        Raises:
            NoRoomError: There are too many calls, or the service is shutting down.
        """
        if self._draining:
            raise NoRoomError("the service is shutting down")
        if len(self._live) >= self._limit:
            raise NoRoomError(f"{self._limit} calls are live, which is the limit (MAX_CALLS)")
        if call_id is None or not CALL_ID.fullmatch(call_id) or call_id in self._live:
            call_id = new_call_id()
        call = self._live[call_id] = Call(self, call_id, self._prepare(call_id, plan or self._plan))
        return call

    def forget(self, call: Call) -> None:
        """Takes a call that is over off the list, and remembers what is to follow."""
        self._live.pop(call.id, None)
        if call.line and call.line.provider_call_id and call.reason:
            self._follow_ups[call.line.provider_call_id] = _due(call)
            if self._draining and call.reason != "caller" and not call.is_followed_up:
                self._unasked.add(call.line.provider_call_id)
            while len(self._follow_ups) > FOLLOW_UPS_KEPT:
                self._follow_ups.popitem(last=False)

    def follow_up(self, provider_call_id: str) -> FollowUp:
        """What the carrier is to do after its call's media stream."""
        self._unasked.discard(provider_call_id)
        if not self._unasked:
            self._all_asked.set()
        for call in self._live.values():
            if call.line and call.line.provider_call_id == provider_call_id:
                call.is_followed_up = True
                return _due(call)
        return self._follow_ups.get(provider_call_id, Apologise())

    def admit_no_more(self) -> None:
        """The service is about to stop: calls that come from now on are refused."""
        self._draining = True

    async def followed_up(self, timeout_s: float) -> None:
        """Waits until the carrier has asked what follows each call that we ended since then."""
        if not self._unasked:
            return
        self._all_asked.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._all_asked.wait()
        self._unasked.clear()


def _due(call: Call) -> FollowUp:
    return call.follow_up or follow_up_of(call.reason or "agent")
