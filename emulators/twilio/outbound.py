"""Calls that the application asks for: by the REST API, or by ``<Dial>``."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from emulators.twilio.call_flow import Source
from emulators.twilio.callees import Callee
from emulators.twilio.calls import CallStatus
from emulators.twilio.keypad import RING_PAUSE_S, ringing_tone, tones
from emulators.twilio.leg import Leg
from emulators.twilio.live_call import TIME_LIMIT_S, LiveCall
from emulators.twilio.machine_detection import Detection, DetectionOptions, detect
from emulators.twilio.twiml import Dial, Method, Number

RING_LIMIT_S = 60
SETUP_S = 0.1
"""From ``initiated`` to ``ringing``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What an application says when it creates a call.

    Attributes:
        to: The number to call.
        from_: The number that the callee sees.
        source: The TwiML.
        timeout_s: How long to let it ring.
        time_limit_s: The longest that the call may last.
        send_digits: Keys to press once it is answered.
        status_callback: Told of ``status_callback_events`` (default ``completed``).
        detection: Answering machine detection, where it is wanted.
        async_amd: Go on with the TwiML while it detects.
        amd_callback: Told what it found, when it is asynchronous.
    """

    to: str
    from_: str
    source: Source
    timeout_s: int = RING_LIMIT_S
    time_limit_s: float = TIME_LIMIT_S
    send_digits: str = ""
    status_callback: str | None = None
    status_callback_method: Method = "POST"
    status_callback_events: tuple[str, ...] = ()
    detection: DetectionOptions | None = None
    async_amd: bool = False
    amd_callback: str | None = None
    amd_callback_method: Method = "POST"


async def set_up(live: LiveCall, callee: Callee, timeout_s: float) -> bool:
    """Lets a call ring until it is answered, and answers it; False when it is over instead."""
    call = live.call
    call.move_to(CallStatus.INITIATED)
    await live.party.prepare()
    if not await live.ring(SETUP_S):
        return False
    if callee.outcome is CallStatus.FAILED:
        call.move_to(CallStatus.FAILED)
        return False
    call.move_to(CallStatus.RINGING)
    never = callee.outcome is CallStatus.NO_ANSWER
    in_time = not never and callee.ring_s <= timeout_s
    if not await live.ring(callee.ring_s if in_time else timeout_s):
        return False
    if callee.outcome is CallStatus.BUSY:
        call.move_to(CallStatus.BUSY)
        return False
    if not in_time:
        call.move_to(CallStatus.NO_ANSWER)
        return False
    live.answer()
    return True


async def call_out(live: LiveCall, callee: Callee, options: CallOptions) -> None:
    """Carries out a call of the REST API, from the first ring to its end."""
    live.time_limit_s = options.time_limit_s
    if not await set_up(live, callee, options.timeout_s):
        return
    detecting: asyncio.Task[None] | None = None
    if options.detection and options.async_amd:
        detecting = asyncio.create_task(_detect_aside(live, options, options.detection))
    try:
        await live.converse(_begin(live, options))
    finally:
        if detecting:
            detecting.cancel()
            await asyncio.wait({detecting})


async def _begin(live: LiveCall, options: CallOptions) -> None:
    leg = live.answer()
    if options.detection and not options.async_amd:
        detection = await detect(leg, options.detection)
        live.call.answered_by = detection.answered_by
    if options.send_digits:
        await leg.play(tones(options.send_digits))
    await live.carry_out(options.source)


async def _detect_aside(live: LiveCall, options: CallOptions, how: DetectionOptions) -> None:
    found = Detection("unknown", 0)
    try:
        found = await detect(live.answer(), how)
    finally:
        live.call.answered_by = found.answered_by
        if options.amd_callback:
            form = {
                "AccountSid": live.call.account_sid,
                "CallSid": live.call.sid,
                "AnsweredBy": found.answered_by,
                "MachineDetectionDuration": str(found.duration_ms),
            }
            live.callbacks.put(options.amd_callback, form, options.amd_callback_method)


@dataclass(slots=True)
class Child:
    """One of the calls that a ``<Dial>`` makes."""

    live: LiveCall
    callee: Callee
    number: Number
    connected: asyncio.Event = field(default_factory=asyncio.Event)


async def bridge(
    parent: LiveCall,
    verb: Dial,
    children: list[Child],
    start: Callable[[Child, Coroutine[Any, Any, None]], None],
) -> dict[str, str]:
    """Calls all numbers of a ``<Dial>`` at once, joins the first that answers, ends the others.

    Returns:
        What the verb's action is told.
    """
    try:
        for child in children:
            start(child, _ring_child(child, verb))
        ringing = asyncio.create_task(_ring_back(parent.answer(), children, verb))
        try:
            winner = await _first(children)
        finally:
            ringing.cancel()
            await asyncio.wait({ringing})
            parent.answer().playback.clear()
        for child in children:
            if child is not winner:
                child.live.end("carrier")
        if winner:
            await _join(parent, winner.live)
    finally:
        for child in children:
            child.live.end("carrier")
        await asyncio.gather(*(child.live.over.wait() for child in children))
    outcome = winner or children[0]
    call = outcome.live.call
    return {
        "DialBridged": "true" if winner else "false",
        "DialCallDuration": str(call.duration_s or 0),
        "DialCallSid": call.sid,
        "DialCallStatus": str(call.status),
    }


async def _ring_back(leg: Leg, children: list[Child], verb: Dial) -> None:
    """Lets the caller hear ringing: until somebody answers, or until they are connected."""
    tone = ringing_tone()
    while verb.answer_on_bridge or not any(child.live.leg for child in children):
        await leg.play(tone)
        await leg.phone.pause(RING_PAUSE_S)


async def _ring_child(child: Child, verb: Dial) -> None:
    child.live.time_limit_s = verb.time_limit
    if not await set_up(child.live, child.callee, verb.timeout):
        return
    await child.live.converse(_whisper(child))


async def _whisper(child: Child) -> None:
    if child.number.url:
        await child.live.carry_out(Source(url=child.number.url, method=child.number.method))
        if child.live.hung_up:
            return
    child.connected.set()
    await asyncio.get_running_loop().create_future()


async def _first(children: list[Child]) -> Child | None:
    """The first child that is connected; ``None`` when all have ended without."""
    waiting = {asyncio.create_task(_settled(child)) for child in children}
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if child := task.result():
                    return child
        return None
    finally:
        for task in waiting:
            task.cancel()


async def _settled(child: Child) -> Child | None:
    connected = asyncio.create_task(child.connected.wait())
    over = asyncio.create_task(child.live.over.wait())
    try:
        await asyncio.wait({connected, over}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        connected.cancel()
        over.cancel()
    return child if child.connected.is_set() else None


async def _join(parent: LiveCall, child: LiveCall) -> None:
    """Carries both sides' audio and keys across until the child ends."""
    near, far = parent.answer(), child.answer()
    untaps = near.tap(far.playback.add), far.tap(near.playback.add)
    near.phone.on_key = lambda key: far.playback.add(tones(key))
    try:
        await child.over.wait()
    finally:
        near.phone.on_key = lambda key: None
        for untap in untaps:
            untap()
