"""What answered a call that we placed, and what is done about it.

Two ears listen: the carrier's answering machine detection, which hears how long somebody speaks
and the beep (https://www.twilio.com/docs/voice/answering-machine-detection), and ours, which reads
the transcript of the first seconds. A machine gets the task's message after its greeting, or
nothing.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

from loguru import logger

from bot.calls import Call, CallRegistry
from bot.events import EventBus, Missed, Subscription
from bot.outbound.call import OutboundCall
from bot.outbound.calls import OutboundCalls
from bot.outbound.machine_phrases import is_machine
from bot.outbound.states import FINAL
from processors.events.calls import CallAnswered, CallEnded, CallStatus
from processors.events.conversation import UserSpeech, UserTranscript
from processors.events.event import Event

READING_S = 15.0
"""What is said later than this is no machine's greeting, whatever it sounds like."""

GREETING_OVER_S = 3.0
"""Silence that ends a machine's greeting, where the carrier does not tell of its end."""

LONGEST_GREETING_S = 30.0
"""After this long a message is left, whatever the machine still says."""

BEEP_OVER_S = 1.0
"""The carrier may tell of a beep while it still sounds."""

MESSAGE_TIMEOUT_S = 90.0

UNTOLD_S = 35.0
"""An agent that hangs up before anybody knows what answered is held for so long: longer than the
carrier's detection takes, and a person who has said goodbye hangs up anyway."""

AnsweredBy = Literal["human", "machine", "fax", "unknown"]

_CARRIERS: dict[str, AnsweredBy] = {
    "human": "human",
    "machine_start": "machine",
    "machine_end_beep": "machine",
    "machine_end_silence": "machine",
    "machine_end_other": "machine",
    "fax": "fax",
}


class Answering:
    """Finds out what answered each call, and acts on it.

    Args:
        outbound: The calls that we placed.
        calls: Those that are live.
        bus: Carries the calls' events.
    """

    def __init__(self, outbound: OutboundCalls, calls: CallRegistry, bus: EventBus) -> None:
        self._outbound = outbound
        self._calls = calls
        self._bus = bus
        self._screening: dict[str, asyncio.Task[None]] = {}

    def begin(self, outbound: OutboundCall) -> None:
        """The call was answered: listens along until it is known by what."""
        if outbound.id in self._screening:
            return
        # From here on, so that nothing is missed.
        events = self._bus.subscribe(call_id=outbound.id)
        task = asyncio.create_task(self._screen(outbound, events), name=f"screens-{outbound.id}")
        self._screening[outbound.id] = task
        task.add_done_callback(lambda _task: self._screening.pop(outbound.id, None))

    def carrier_says(self, outbound: OutboundCall, answered_by: str) -> None:
        """The carrier's detection has a result, its ``AnsweredBy``."""
        found = _CARRIERS.get(answered_by, "unknown")
        known = outbound.answered
        if known and known.source == "transcript" and found in ("human", "unknown"):
            # A greeting that can be read is a machine's, however short it was.
            return
        self._note(outbound, found, "carrier", answered_by)

    async def may_hang_up(self, call_id: str) -> bool:
        """Whether an agent that has said goodbye may end a call.

        Not one that a machine has answered which is to get a message: an agent takes a greeting for
        a refusal, say. While nobody knows what answered, this waits.
        """
        outbound = self._outbound.get(call_id)
        if outbound is None or outbound.plan.voicemail is None:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(UNTOLD_S):
                await outbound.told.wait()
        return outbound.answered is None or outbound.answered.action != "leave_message"

    async def close(self) -> None:
        """Stops listening, and gives up what is not done."""
        tasks = list(self._screening.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _note(
        self,
        outbound: OutboundCall,
        answered_by: AnsweredBy,
        source: Literal["carrier", "transcript"],
        detail: str = "",
    ) -> None:
        action: Literal["talk", "leave_message", "hang_up"] = "talk"
        if answered_by == "machine" and outbound.plan.voicemail is not None:
            action = "leave_message"
        elif answered_by in ("machine", "fax"):
            action = "hang_up"
        self._outbound.answered_by(
            outbound,
            CallAnswered(answered_by=answered_by, source=source, action=action, detail=detail),
        )

    async def _screen(self, outbound: OutboundCall, events: Subscription) -> None:
        with events, logger.contextualize(call_id=outbound.id):
            found = await self._machine_in(outbound.id, events)
            if isinstance(found, UserTranscript):
                self._note(outbound, "machine", "transcript")
            call = self._calls.live.get(outbound.id)
            if found is None or call is None:
                return
            message = outbound.plan.voicemail
            if message is None or (outbound.answered and outbound.answered.action == "hang_up"):
                await call.cut("agent")
                return
            try:
                await _leave_message(call, message, events, is_time=_tells_end(found))
            finally:
                # Whatever kept the message from being said: the agent may not end this call.
                await call.end("agent")

    async def _machine_in(
        self, call_id: str, events: Subscription
    ) -> CallAnswered | UserTranscript | None:
        """What tells that a machine, or a fax, answered, once the call's media is there.

        None when a person did, or the call ends before.
        """
        said: list[str] = []
        found: CallAnswered | UserTranscript | None = None
        began: datetime | None = None
        is_told = False
        async for event in events:
            if isinstance(event, Missed):
                continue
            began = began or event.at
            is_early = event.at - began < timedelta(seconds=READING_S)
            match event:
                case CallEnded():
                    return None
                case CallStatus() if event.status in FINAL:
                    return None
                case CallAnswered(answered_by="machine" | "fax"):
                    found = event
                case CallAnswered():
                    is_told = True
                case UserTranscript(final=True) if is_early and found is None:
                    said.append(event.text)
                    found = event if is_machine(" ".join(said)) else None
            call = self._calls.live.get(call_id)
            # On a busy machine the carrier may know before its media stream is connected.
            if found and call and call.model:
                return found
            if is_told and not is_early and found is None:
                return None
        return None


async def _leave_message(call: Call, message: str, events: Subscription, *, is_time: bool) -> None:
    """Has ``message`` recorded; nobody hears the agent before or besides."""
    model = call.model
    if model is None:
        return
    await model.mute("agent")
    if not is_time:
        try:
            async with asyncio.timeout(LONGEST_GREETING_S):
                await _end_of_greeting(events)
        except TimeoutError:
            logger.info("the machine's greeting does not end")
    await asyncio.sleep(BEEP_OVER_S)
    # Nor does the machine interrupt, by a second beep, say.
    await model.mute("caller")
    model.unmute("agent", owes_answer=False)
    try:
        async with asyncio.timeout(MESSAGE_TIMEOUT_S):
            await model.say(message)
    except TimeoutError:
        logger.warning("the message could not be left in {:.0f} s", MESSAGE_TIMEOUT_S)


async def _end_of_greeting(events: Subscription) -> None:
    """Returns when the machine records, by the carrier's word or because it is silent."""
    is_speaking = False
    while True:
        try:
            async with asyncio.timeout(None if is_speaking else GREETING_OVER_S):
                event = await anext(events)
        except (TimeoutError, StopAsyncIteration):
            return
        match event:
            case UserSpeech(speaking=speaking):
                is_speaking = speaking
            case CallEnded():
                return
            case CallAnswered() if _tells_end(event):
                return


def _tells_end(event: Event) -> bool:
    """Whether the carrier has heard a greeting to its end."""
    return isinstance(event, CallAnswered) and event.detail.startswith("machine_end")
