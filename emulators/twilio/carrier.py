"""The carrier in one object, for tests and commands."""

import asyncio
import contextlib
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from loguru import logger

from emulators.speech import Speech
from emulators.speech_espeak import EspeakSpeech
from emulators.twilio.call_flow import Source
from emulators.twilio.callbacks import StatusReporter
from emulators.twilio.callees import Directory
from emulators.twilio.calls import Call, CallStatus
from emulators.twilio.clock import FrameClock
from emulators.twilio.exchange import Exchange
from emulators.twilio.live_call import LiveCall
from emulators.twilio.outbound import CallOptions, Child, bridge, call_out
from emulators.twilio.party import Party
from emulators.twilio.sids import DEFAULT_ACCOUNT
from emulators.twilio.twiml import Dial, Method, Number
from emulators.twilio.webhooks import Webhooks

CALLER_NUMBER = "+15555550100"
OUR_NUMBER = "+15555550199"


class RingOptions(TypedDict, total=False):
    """How a call is placed to an application.

    Attributes:
        from_: The caller's number.
        to: The number that is dialled.
        method: Of the voice webhook.
        fallback_url: Asked when the webhook fails.
        status_callback: Told when the call has ended.
    """

    from_: str
    to: str
    method: Method
    fallback_url: str
    status_callback: str


class Carrier:
    """Places calls to an application; any number at once.

    ``async with Carrier() as carrier: call = await carrier.call(url, ScriptedCaller(["hello"]))``

    Args:
        auth_token: Signs webhooks and media sockets; unsigned without.
        account_sid: The account that the calls belong to.
        speech: Says what the carrier itself has to say (``<Say>``).
        directory: Who answers the numbers that are dialled.
        clock: The beat. One that is given is not run by the carrier: whoever has it beats it.
        ring_pace: How long ringing takes, of what it would; 0.1 for who is in a hurry. States,
            their order and what ends the ringing stay the same.

    Attributes:
        calls: All calls so far, by SID.
        clock: The beat.
    """

    def __init__(
        self,
        *,
        auth_token: str | None = None,
        account_sid: str = DEFAULT_ACCOUNT,
        speech: Speech | None = None,
        directory: Directory | None = None,
        clock: FrameClock | None = None,
        ring_pace: float = 1.0,
    ) -> None:
        self._ring_pace = ring_pace
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.directory = directory or Directory()
        self.calls: dict[str, LiveCall] = {}
        self._own_clock = clock is None
        self.clock = clock or FrameClock()
        self._speech = speech or EspeakSpeech()
        self._beating: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._webhooks: Webhooks | None = None

    async def __aenter__(self) -> Self:
        """Starts the beat."""
        self._webhooks = Webhooks(self.auth_token)
        if self._own_clock:
            self._beating = asyncio.create_task(self.clock.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends every call, and the beat."""
        for live in self.calls.values():
            live.end("carrier")
        if self._running:
            await asyncio.wait(self._running)
        if self._beating:
            self._beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beating
        if self._webhooks:
            await self._webhooks.aclose()

    async def call(self, url: str, caller: Party, **options: Unpack[RingOptions]) -> LiveCall:
        """Places a call as `ring` does and returns when it is over.

        Raises:
            Exception: What the caller raised, if he did.
        """
        live = await self.ring(url, caller, **options)
        await live.over.wait()
        if live.failure:
            raise live.failure
        return live

    async def ring(self, url: str, caller: Party, **options: Unpack[RingOptions]) -> LiveCall:
        """Places a call to a number whose voice webhook is ``url``; returns while it rings."""
        await caller.prepare()
        call = Call(
            account_sid=self.account_sid,
            from_=options.get("from_", CALLER_NUMBER),
            to=options.get("to", OUR_NUMBER),
            direction="inbound",
        )
        live = self._open(call, caller)
        if status_callback := options.get("status_callback"):
            call.on_status = StatusReporter(live.callbacks, status_callback, "POST", ()).report
        fallback_url = options.get("fallback_url")
        source = Source(
            url=url,
            method=options.get("method", "POST"),
            fallback=Source(url=fallback_url) if fallback_url else None,
        )
        self._start(live, live.converse(live.carry_out(source)))
        return live

    def _open(self, call: Call, party: Party) -> LiveCall:
        if self._webhooks is None:
            raise RuntimeError("a carrier works inside `async with`")
        exchange = Exchange(
            account_sid=self.account_sid,
            clock=self.clock,
            webhooks=self._webhooks,
            speech=self._speech,
            ring_pace=self._ring_pace,
        )
        live = LiveCall(call, exchange, party, dial=self._dial)
        self.calls[call.sid] = live
        return live

    def _start(self, live: LiveCall, work: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            try:
                await work
            except Exception as error:
                logger.exception("call {} broke", live.call.sid)
                live.failure = error
                if not live.call.status.is_final:
                    live.call.move_to(CallStatus.FAILED)
            finally:
                await live.close()

        task = asyncio.create_task(run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def place(self, options: CallOptions) -> LiveCall:
        """Calls a number for the application, as the REST API does; returns at once."""
        callee = self.directory.look_up(options.to)
        call = Call(
            account_sid=self.account_sid,
            from_=options.from_,
            to=options.to,
            direction="outbound-api",
        )
        live = self._open(call, callee.party())
        if options.status_callback:
            call.on_status = StatusReporter(
                live.callbacks,
                options.status_callback,
                options.status_callback_method,
                options.status_callback_events,
            ).report
        self._start(live, call_out(live, callee, options))
        return live

    async def _dial(self, parent: LiveCall, verb: Dial) -> dict[str, str]:
        children = [self._child(parent, verb, number) for number in verb.numbers]
        return await bridge(
            parent, verb, children, lambda child, work: self._start(child.live, work)
        )

    def _child(self, parent: LiveCall, verb: Dial, number: Number) -> Child:
        callee = self.directory.look_up(number.number)
        call = Call(
            account_sid=self.account_sid,
            from_=verb.caller_id or parent.call.from_,
            to=number.number,
            direction="outbound-dial",
            parent_sid=parent.call.sid,
        )
        live = self._open(call, callee.party())
        if number.status_callback:
            call.on_status = StatusReporter(
                live.callbacks,
                number.status_callback,
                number.status_callback_method,
                number.status_callback_events,
            ).report
        return Child(live, callee, number)
