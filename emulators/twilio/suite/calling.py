"""Plays one scenario against a service, over the path that it names, and keeps what is left."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from loguru import logger

from emulators.twilio.callees import AnsweringMachine, Callee, Directory
from emulators.twilio.calls import CallStatus
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from emulators.twilio.party import Party
from emulators.twilio.suite.browser_line import BrowserCall
from emulators.twilio.suite.call_view import CallView
from emulators.twilio.suite.event_feed import EventFeed
from emulators.twilio.suite.evidence import Evidence
from emulators.twilio.suite.mouth import BROWSER, TELEPHONE, Mouth, Voice
from emulators.twilio.suite.player import Line, Player
from emulators.twilio.suite.replaying import RecordedMouth, with_lines
from emulators.twilio.suite.scenario import Scenario
from emulators.twilio.suite.simulated_caller import SimulatedCaller, ViewOfCall

KNOWN_S = 30.0
"""How long it may take until the service tells of a call that is connected."""

OVER_S = 60.0
"""How long it may take after the end of the line until the service is done with the call."""

SUMMED_UP_S = 60.0
"""How long it may take until a call is summed up."""

_AFTER_THE_CALL = frozenset({"outcome", "summary", "intent"})


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What calls are placed with.

    Attributes:
        http: A client of the service.
        feed: Its events.
        carrier: Who carries phone calls.
        directory: The carrier's, of who answers.
        voice_url: The webhook of the number that is called.
        team: Who answers browsers.
        number: Of the service.
        player: Makes who plays a caller.
        seed: Of noise and hesitations.
    """

    http: httpx.AsyncClient
    feed: EventFeed
    carrier: Carrier
    directory: Directory
    voice_url: str
    team: str
    number: str
    player: Callable[[Scenario], Player]
    seed: str = "1"


async def play(exchange: Exchange, scenario: Scenario, own_number: str) -> Evidence:
    """Places the call, or has it placed, and returns when it is over and recorded.

    Args:
        exchange: Who and what is needed.
        scenario: What is played.
        own_number: The caller's, which no other call has at the same time (E.164).
    """
    evidence = Evidence(scenario=scenario)
    try:
        if scenario.outbound:
            view = await _outbound(exchange, scenario, own_number, evidence)
        elif scenario.path == "phone":
            view = await _inbound(exchange, scenario, own_number, evidence)
        else:
            view = await _browser(exchange, scenario, evidence)
        if view is None:
            evidence.failures.append("the service told nothing of this call")
        else:
            await _conclude(exchange, view, evidence)
    except Exception as error:
        logger.opt(exception=error).debug("scenario {} broke", scenario.name)
        evidence.failures.append(f"{type(error).__name__}: {error}"[:500])
    return evidence


async def _inbound(
    exchange: Exchange, scenario: Scenario, own_number: str, evidence: Evidence
) -> CallView | None:
    live: LiveCall | None = None

    async def view() -> CallView | None:
        return await exchange.feed.view_of(live.call.sid, KNOWN_S) if live else None

    caller = _caller(exchange, scenario, view)
    live = await exchange.carrier.ring(
        exchange.voice_url, caller, from_=own_number, to=exchange.number
    )
    await live.over.wait()
    found = await exchange.feed.view_of(live.call.sid, KNOWN_S)
    await _is_over(exchange, found)
    _keep_phone(evidence, live, caller)
    return found


async def _outbound(
    exchange: Exchange, scenario: Scenario, own_number: str, evidence: Evidence
) -> CallView | None:
    outbound = scenario.outbound
    if outbound is None:
        raise TypeError(f"{scenario.name} is no outbound call")
    placed: asyncio.Future[CallView] = asyncio.get_running_loop().create_future()

    async def view() -> CallView:
        return await asyncio.shield(placed)

    caller = _caller(exchange, scenario, view, called=True)
    # The line does not wait for a voice that is only made once it is answered.
    await caller.prepare()
    persona = scenario.persona
    machine = AnsweringMachine(voice=persona.voice, silence_s=persona.patience_s)
    party: Party = machine if outbound.answered_by == "voicemail" else caller
    outcomes = {"busy": CallStatus.BUSY, "no_answer": CallStatus.NO_ANSWER}
    outcome = outcomes.get(outbound.answered_by, CallStatus.IN_PROGRESS)
    exchange.directory.expect(
        own_number, Callee(outcome=outcome, ring_s=outbound.ring_s, party=lambda: party)
    )
    answer = await exchange.http.post("/api/calls", json={**outbound.request, "to": own_number})
    if answer.is_error:
        raise RuntimeError(f"POST /api/calls answered {answer.status_code}: {answer.text[:300]}")
    found = exchange.feed.view(answer.json()["id"])
    placed.set_result(found)
    await exchange.feed.until(lambda: found.provider_call_id is not None, KNOWN_S)
    live = exchange.carrier.calls[str(found.provider_call_id)]
    await live.over.wait()
    await _is_over(exchange, found)
    _keep_phone(evidence, live, caller)
    if party is machine:
        began = machine.message_from
        evidence.recorded_from = evidence.length if began is None else began
    return found


async def _browser(exchange: Exchange, scenario: Scenario, evidence: Evidence) -> CallView | None:
    call = BrowserCall(exchange.carrier.clock)

    async def view() -> CallView:
        async with asyncio.timeout(KNOWN_S):
            return exchange.feed.view(await asyncio.shield(call.call_id))

    caller = _caller(exchange, scenario, view)
    # Imported when used: their libraries take seconds to load.
    if scenario.path == "webrtc":
        from emulators.twilio.suite.webrtc_path import call_by_webrtc

        await call_by_webrtc(exchange.http, exchange.team, call, caller)
    else:
        from emulators.twilio.suite.websocket_path import call_by_websocket

        await call_by_websocket(exchange.http, exchange.team, call, caller)
    found = exchange.feed.view(call.call_id.result()) if call.call_id.done() else None
    await _is_over(exchange, found)
    caller.conclude(call.phone)
    evidence.said, evidence.said_rate, evidence.said_is_ulaw = (
        bytes(call.phone.said),
        BROWSER.sample_rate,
        BROWSER.is_ulaw,
    )
    evidence.heard = bytes(call.leg.playback.heard) if call.leg else b""
    evidence.spans = call.phone.ear.spans
    _keep_caller(evidence, caller)
    return found


def _caller(
    exchange: Exchange,
    scenario: Scenario,
    view: ViewOfCall,
    *,
    called: bool = False,
) -> SimulatedCaller:
    line = TELEPHONE if scenario.path == "phone" else BROWSER
    mouth: Voice
    if scenario.recorded:
        mouth, scenario = RecordedMouth(scenario.recorded, line), with_lines(scenario)
    else:
        mouth = Mouth(scenario.persona, line, f"{exchange.seed} {scenario.name}")
    return SimulatedCaller(scenario, exchange.player(scenario), mouth, view, called=called)


async def _is_over(exchange: Exchange, view: CallView | None) -> None:
    if view:
        await exchange.feed.until(lambda: view.is_over, OVER_S)


def _keep_phone(evidence: Evidence, live: LiveCall, caller: SimulatedCaller) -> None:
    caller.conclude(live.phone)
    evidence.said, evidence.heard = bytes(live.phone.said), bytes(live.playback.heard)
    evidence.spans = live.phone.ear.spans
    _keep_caller(evidence, caller)
    evidence.failures += [
        f"carrier's error {note.code}: {note.message}"
        for note in live.call.notes
        if not note.warning
    ]
    if live.failure:
        evidence.failures.append(f"{type(live.failure).__name__}: {live.failure}")


def _keep_caller(evidence: Evidence, caller: SimulatedCaller) -> None:
    evidence.length = len(evidence.heard)
    evidence.turns, evidence.story, evidence.memory = caller.turns, caller.story, caller.memory
    evidence.hung_up, evidence.gave_up = caller.hung_up, caller.gave_up


async def _conclude(exchange: Exchange, view: CallView, evidence: Evidence) -> None:
    """Waits for what comes after a call, as far as it is asked for, and reads the record."""
    checks = evidence.scenario.checks
    wants_summary = bool(checks.data) or bool(_AFTER_THE_CALL & checks.record.keys())
    if wants_summary and view.has("call.started"):
        await exchange.feed.until(lambda: view.has("call.summary"), SUMMED_UP_S)
    answer = await exchange.http.get(f"/api/calls/{view.call_id}")
    answer.raise_for_status()
    evidence.call_id, evidence.record = view.call_id, answer.json()
    evidence.events = list(view.events)
    if not any(not line.by_caller for line in evidence.story):
        # Nobody who follows a conversation had the call: a machine, say. It hears what it records.
        said = " ".join(str(line["text"]) for line in evidence.agent_lines)
        line = Line(False, said, evidence.recorded_from, evidence.length)
        evidence.story = [*evidence.story, line]
