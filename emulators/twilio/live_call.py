"""A call in progress: its audio, its TwiML, its telephone and whoever may end it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from emulators.twilio.call_flow import CallFlow, Source
from emulators.twilio.callbacks import CallbackQueue
from emulators.twilio.calls import Call, CallStatus
from emulators.twilio.exchange import Exchange
from emulators.twilio.leg import Leg
from emulators.twilio.media_stream import MediaStream
from emulators.twilio.party import Party
from emulators.twilio.playback import Playback
from emulators.twilio.telephone import Telephone
from emulators.twilio.twiml import Dial

EndedBy = Literal["caller", "application", "api", "time limit", "carrier"]
TIME_LIMIT_S = 14_400.0
"""Twilio's: four hours."""


@dataclass(frozen=True, slots=True)
class _End:
    by: EndedBy


class LiveCall:
    """Runs one call from the first ring to its end.

    Attributes:
        call: The resource.
        phone: The telephone at the other end of the line from the application.
        leg: The call's audio, once it is answered.
        ended_by: Who ended it, once it has.
        failure: What broke the call inside the emulator, such as a party that raised.
        over: Set when everything is done, callbacks included.
    """

    def __init__(
        self,
        call: Call,
        exchange: Exchange,
        party: Party,
        *,
        dial: Callable[["LiveCall", Dial], Awaitable[dict[str, str]]],
    ) -> None:
        self.call = call
        self.phone = Telephone()
        self.leg: Leg | None = None
        self.ended_by: EndedBy | None = None
        self.failure: Exception | None = None
        self.over = asyncio.Event()
        self.callbacks = CallbackQueue(exchange.webhooks, call.notes.append)
        self.party = party
        self.time_limit_s = TIME_LIMIT_S
        self._exchange = exchange
        self._orders: asyncio.Queue[Source | _End] = asyncio.Queue()
        self._talking: asyncio.Task[None] | None = None
        self._flow = CallFlow(
            call,
            exchange,
            callbacks=self.callbacks,
            answer=self.answer,
            dial=lambda verb: dial(self, verb),
        )
        self.phone.on_hang_up = lambda: self.end("caller")

    @property
    def streams(self) -> list[MediaStream]:
        """The call's media streams so far."""
        return self._flow.streams

    @property
    def playback(self) -> Playback:
        """What the telephone heard; empty for a call that was not answered."""
        return self.leg.playback if self.leg else Playback()

    @property
    def hung_up(self) -> bool:
        """Whether a ``<Hangup>`` ended its TwiML."""
        return self._flow.hung_up

    def end(self, by: EndedBy) -> None:
        """Ends the call; it takes effect at once, `over` tells when all is done."""
        self._orders.put_nowait(_End(by))

    def redirect(self, source: Source) -> None:
        """Leaves what the call is doing and carries out other TwiML."""
        self._orders.put_nowait(source)

    def answer(self) -> Leg:
        """Connects the call, if it rings, and gives its audio."""
        if self.leg is None:
            self.call.move_to(CallStatus.IN_PROGRESS)
            self.leg = Leg(self._exchange.clock, self.phone)
            self._talking = asyncio.create_task(self._talk())
        return self.leg

    async def ring(self, seconds: float) -> bool:
        """Rings for a while; False when the call is ended meanwhile, and then it is final."""
        seconds *= self._exchange.ring_pace
        ringing = asyncio.create_task(self._exchange.clock.sleep(seconds))
        order = asyncio.create_task(self._orders.get())
        await asyncio.wait({ringing, order}, return_when=asyncio.FIRST_COMPLETED)
        await _cancelled(ringing)
        await _cancelled(order)
        if order.cancelled():
            return True
        self.ended_by = "api"
        self.call.move_to(CallStatus.CANCELED)
        return False

    def carry_out(self, source: Source) -> Coroutine[Any, Any, None]:
        """The activity of following TwiML, for `converse`."""
        return self._flow.run(source)

    async def converse(self, activity: Coroutine[Any, Any, None]) -> None:
        """Does something on the line until it is done, or someone ends the call, which is final.

        A `redirect` replaces the activity.
        """
        timer = asyncio.create_task(self._limit())
        try:
            self.ended_by = await self._obey(activity)
        finally:
            await _cancelled(timer)
            if self.leg:
                self.leg.close()
        if not self.call.status.is_final:
            answered = self.call.status is CallStatus.IN_PROGRESS
            self.call.move_to(CallStatus.COMPLETED if answered else CallStatus.CANCELED)

    async def close(self) -> None:
        """Puts the telephone down and waits for the last callbacks."""
        if self._talking:
            await _cancelled(self._talking)
        await self.callbacks.close()
        self.over.set()

    async def _obey(self, activity: Coroutine[Any, Any, None]) -> EndedBy:
        running = asyncio.create_task(activity)
        try:
            while True:
                order = asyncio.create_task(self._orders.get())
                await asyncio.wait({running, order}, return_when=asyncio.FIRST_COMPLETED)
                if not order.done():
                    order.cancel()
                    running.result()
                    return "application"
                await _cancelled(running)
                match order.result():
                    case _End(by):
                        return by
                    case Source() as following:
                        if self.leg:
                            self.leg.playback.clear()
                        running = asyncio.create_task(self._flow.run(following))
        finally:
            await _cancelled(running)

    async def _limit(self) -> None:
        await self._exchange.clock.sleep(self.time_limit_s)
        self.end("time limit")

    async def _talk(self) -> None:
        try:
            await self.party.talk(self.phone)
        except Exception as error:
            self.failure = error
        self.phone.hang_up()


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})
