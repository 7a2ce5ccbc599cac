"""What people do to a live call: have the agent say something, coach it, mute a side, end it."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Literal

from loguru import logger

from bot.calls import Call, CallRegistry
from bot.operator_leg import OperatorLeg
from bot.takeover import NotTakenError, Seat, TakenError, TakeOver
from bot.transfer_order import TransferKind, TransferOrder, Transferring
from bot.transports.twilio import TwilioLine
from processors.call_audio.tap import AudioTap
from processors.events.people import OperatorAction
from processors.mcp_tools.under_way import Answer
from processors.realtime.muting import Side
from processors.voice_model import VoiceModel

SAY_TIMEOUT_S = 60.0
"""How long a line, or keys, may wait for the floor and be heard before they are given up."""


ANNOUNCEMENT = "One moment please, I am putting you through to a colleague."
ANNOUNCEMENT_TIMEOUT_S = 15.0


class UnknownCallError(LookupError):
    """There is no live call of that id."""


class WrongStateError(RuntimeError):
    """The call can't do that now; the text says why."""


class Control:
    """Acts on live calls, by id, for somebody whose name goes into the call's events.

    Everything returns at once; what takes time goes on beside it.

    Raises:
        UnknownCallError: From every method, for a call that is not live here.
        WrongStateError: From every method, for a call that is about to end, or as documented.
    """

    def __init__(self, calls: CallRegistry, *, transfer_number: str | None = None) -> None:
        self._calls = calls
        self._transfer_number = transfer_number
        self._running: set[asyncio.Task[None]] = set()

    def end(self, call_id: str, *, by: str, farewell: str | None = None) -> None:
        """Ends the call when what is being said, and then ``farewell``, was heard."""
        call, _ = self._live(call_id)
        call.emit(OperatorAction(action="end", by=by, detail=farewell or ""))
        self._beside(call.end("operator", farewell=farewell), call)

    def say(self, call_id: str, text: str, *, by: str) -> None:
        """Has the agent say exactly that, as soon as nobody else speaks.

        Raises:
            WrongStateError: The agent is muted, or an operator has taken the call over.
        """
        call, model = self._live(call_id)
        _require_agent(call)
        if model.is_muted("agent"):
            raise WrongStateError("the agent is muted: unmute it before it can say anything")
        call.emit(OperatorAction(action="say", by=by, detail=text))
        self._beside(_limited(model.say(text)), call)

    def send_digits(self, call_id: str, digits: str, *, by: str) -> None:
        """Presses keys towards the other side of a phone call, behind what is being said.

        Raises:
            WrongStateError: The other side is no telephone, the agent is muted, or an operator has
                taken the call over.
        """
        call, model = self._live(call_id)
        _require_agent(call)
        if call.line is None or call.line.channel != "phone":
            raise WrongStateError("the other side is a browser: it has no use for a phone's tones")
        if model.is_muted("agent"):
            raise WrongStateError("the agent is muted: unmute it before it can press keys")
        call.emit(OperatorAction(action="digits", by=by, detail=digits))
        self._beside(_limited(model.send_digits(digits)), call)

    def transfer(
        self, call_id: str, *, to: str | None, kind: TransferKind, summary: str, by: str
    ) -> None:
        """Connects the caller to a person, after a line that says so, or an operator's own words.

        Args:
            call_id: A phone call.
            to: Whom (E.164); None for whom the team or the settings name.
            kind: Whether the person hears the summary and decides first.
            summary: What the person should know.
            by: Who wants it.

        Raises:
            WrongStateError: Nobody is named, or the call can't be transferred.
        """
        call, model = self._live(call_id)
        number = to or call.plan.team.transfer_number or self._transfer_number
        if number is None:
            raise WrongStateError("there is nobody to transfer to: say to, or set TRANSFER_NUMBER")
        begin = call.line.transfer if isinstance(call.line, TwilioLine) else None
        if begin is None:
            raise WrongStateError(
                "this call can't be transferred: only phone calls of TWILIO_ACCOUNT_SID can"
            )
        call.emit(OperatorAction(action="transfer", by=by, detail=number))
        order = TransferOrder(to=number, kind=kind, reason="an operator", summary=summary)
        self._beside(_announced(call, model, begin, order), call)

    def decide(self, call_id: str, approval_id: str, *, approve: bool, by: str) -> None:
        """Lets a tool run that waits for approval, or not.

        Raises:
            UnknownApprovalError: No tool of the call waits under this id.
        """
        call, _ = self._live(call_id)
        if call.approvals is None:
            raise WrongStateError("the call has not begun yet")
        call.approvals.decide(approval_id, approve=approve, by=by)
        action: Literal["approve", "deny"] = "approve" if approve else "deny"
        call.emit(OperatorAction(action=action, by=by, detail=approval_id))

    def answer(self, call_id: str, elicitation_id: str, answer: Answer, *, by: str) -> None:
        """Answers what a tool asks, in an operator's name; also what the caller is asked.

        Raises:
            UnknownQuestionError: No tool of the call has asked under this id.
            WrongAnswerError: The answers are not what it asks for.
        """
        call, _ = self._live(call_id)
        if call.questions is None:
            raise WrongStateError("the call has not begun yet")
        call.questions.answer(elicitation_id, answer, by=by)
        call.emit(OperatorAction(action="answer", by=by, detail=elicitation_id))

    def coach(self, call_id: str, instruction: str, *, respond: bool, by: str) -> None:
        """Tells the agent what to do; the caller does not hear it."""
        call, model = self._live(call_id)
        call.emit(OperatorAction(action="coach", by=by, detail=instruction))
        model.coach(instruction, respond=respond)

    async def mute(self, call_id: str, side: Side, *, by: str) -> None:
        """Takes the voice from a side. Raises `WrongStateError` when it is muted."""
        call, model = self._live(call_id)
        if model.is_muted(side):
            raise WrongStateError(f"the {side} is muted already")
        call.emit(OperatorAction(action="mute", by=by, detail=side))
        await model.mute(side)

    def unmute(self, call_id: str, side: Side, *, by: str) -> None:
        """Gives a side its voice back. Raises `WrongStateError` when it is not muted."""
        call, model = self._live(call_id)
        if not model.is_muted(side):
            raise WrongStateError(f"the {side} is not muted")
        call.emit(OperatorAction(action="unmute", by=by, detail=side))
        model.unmute(side)

    def reserve(self, call_id: str, *, by: str) -> tuple[TakeOver, Seat, AudioTap]:
        """A place for an operator who is about to talk with the caller in the agent's place.

        Returns the call's take-over, the place, and the audio that the operator hears.

        Raises:
            WrongStateError: Another operator has the call, or is about to.
        """
        call, _ = self._live(call_id)
        if call.takeover is None or call.audio is None:
            raise WrongStateError("the call has not begun yet")
        try:
            return call.takeover, call.takeover.reserve(by), call.audio
        except TakenError as taken:
            raise WrongStateError(str(taken)) from taken

    def connect(self, call_id: str, leg: OperatorLeg) -> None:
        """Runs an operator's connection beside the call, until either is over."""
        self._beside(leg.run(), self._live(call_id)[0])

    async def hand_back(self, call_id: str) -> None:
        """Gives the caller back to the agent.

        Raises:
            WrongStateError: No operator has taken the call over.
        """
        call, _ = self._live(call_id)
        if call.takeover is None:
            raise WrongStateError("the call has not begun yet")
        try:
            await call.takeover.hand_back("operator")
        except NotTakenError as not_taken:
            raise WrongStateError(str(not_taken)) from not_taken

    async def close(self) -> None:
        """Gives up what still goes on."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _live(self, call_id: str) -> tuple[Call, VoiceModel]:
        call = self._calls.live.get(call_id)
        if call is None:
            raise UnknownCallError(f"there is no live call {call_id}")
        if call.model is None:
            raise WrongStateError("the call has not begun yet")
        if call.reason:
            raise WrongStateError("the call is about to end")
        if isinstance(call.line, TwilioLine) and call.line.is_suspended:
            raise WrongStateError("the caller is being transferred")
        return call, call.model

    def _beside(self, work: Coroutine[Any, Any, None], call: Call) -> None:
        """Runs ``work`` until it is done or the service stops; its failure is logged."""

        def done(task: asyncio.Task[None]) -> None:
            self._running.discard(task)
            if not task.cancelled() and (error := task.exception()):
                logger.bind(call_id=call.id).warning("an operator's wish failed: {!r}", error)

        task = asyncio.create_task(work, name=f"control-{call.id}")
        self._running.add(task)
        task.add_done_callback(done)


def _require_agent(call: Call) -> None:
    """Raises `WrongStateError` while an operator talks with the caller in the agent's place."""
    if call.takeover and (by := call.takeover.by):
        raise WrongStateError(f"the call is taken over by {by}: hand it back first")


async def _announced(
    call: Call, model: VoiceModel, begin: Transferring, order: TransferOrder
) -> None:
    if call.takeover and call.takeover.by:
        # Who talks with the caller has told them.
        await call.takeover.withdraw("transfer")
    elif not model.is_muted("agent"):
        with suppress(TimeoutError):
            async with asyncio.timeout(ANNOUNCEMENT_TIMEOUT_S):
                await model.say(ANNOUNCEMENT)
    await begin(order)


async def _limited(work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.timeout(SAY_TIMEOUT_S):
        await work
