"""What calls cost: said while they run and when they are over, and the limit that ends them."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from websockets.asyncio.client import connect

from bot.calls import TIME_IS_UP
from bot.costs.tracker import COME_TO_AN_END
from emulators.twilio.caller import Manners, ScriptedCaller
from emulators.twilio.carrier import Carrier
from processors.events.calls import CallEnded
from processors.events.conversation import AgentTranscript
from processors.events.event import Event
from processors.events.figures import Cost, CostLimit, Usage
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until
from tests.bot.test_phone_calls import settle

WRITES = 1_000_000.0
"""A price at which each token of text that the model writes costs a dollar."""

TALKS = """
turns:
  - do: [{say: Very well then}]
loop: true
"""


@pytest.fixture
def prices(tmp_path) -> Path:
    """All but what the model writes is free."""
    own = tmp_path / "prices.toml"
    own.write_text(
        f'[realtime."gpt-realtime-2.1"]\noutput_text = {WRITES}\n'
        '[transcription."gpt-4o-mini-transcribe"]\ninput_text = 0\n'
    )
    return own


def of(events: list[Event], kind: type[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


async def a_call(running: Service, *lines: str) -> None:
    """A phone call in which the caller says some lines and then listens."""
    async with Carrier() as carrier:
        caller = ScriptedCaller(list(lines), manners=Manners(quiet_s=0.3, linger_s=20))
        await carrier.call(f"{running.http}/twilio/voice", caller)
        await settle(running)


@pytest.mark.call
async def test_a_call_is_warned_near_its_limit_and_ended_politely_at_it(prices):
    async with (
        model(TALKS, ["I need a hotel"]) as emulator,
        service(emulator.url, prices_file=prices, max_cost_usd=22) as running,
        events_of(running) as events,
    ):
        calling = asyncio.create_task(a_call(running, "I need a hotel"))
        with running.switchboard.bus.subscribe() as seen:
            async for event in seen:
                if isinstance(event, CostLimit):
                    break
        [session] = emulator.sessions
        await until(
            lambda: any(COME_TO_AN_END in str(item.wire) for item in session.conversation.items)
        )
        await calling
    near, reached = of(events, CostLimit)
    assert (near.state, reached.state) == ("near", "reached")
    assert 0.8 * 22 <= near.usd < 22 <= reached.usd
    assert near.limit_usd == reached.limit_usd == 22
    said = [e.text for e in of(events, AgentTranscript) if e.final]
    assert said[-1] == TIME_IS_UP
    assert not any(COME_TO_AN_END in text for text in said)
    assert [e.reason for e in of(events, CallEnded)] == ["limit"]


ENDS = """
turns:
  - do: [{say: Goodbye then}, {call: {name: end_call, arguments: {reason: done}}}]
"""


@pytest.mark.call
async def test_a_call_says_what_it_cost_and_the_records_keep_it(prices):
    async with (
        model(ENDS, ["I need nothing"]) as emulator,
        service(emulator.url, carrier_usd_per_minute=0.25, prices_file=prices) as running,
        AsyncClient(base_url=running.http) as client,
        events_of(running) as events,
    ):
        await a_call(running, "I need nothing")
        [listed] = (await client.get("/api/calls")).json()["calls"]
    costs = of(events, Cost)
    realtime = [e for e in of(events, Usage) if "realtime" in e.model]
    written = sum(e.output_text_tokens for e in realtime)
    assert written > 0
    assert costs[-1].by_kind == {"realtime": written, "transcription": 0, "carrier": 0.25}
    assert costs[-1].usd == listed["cost_usd"] == written + 0.25
    assert costs[-1].unpriced == []
    assert not of(events, CostLimit)
    # The final one comes when the call is over, and the ones before are far apart.
    [ended] = of(events, CallEnded)
    assert [e.sequence > ended.sequence for e in costs].count(True) == 1
    live = [e.at for e in costs if e.sequence < ended.sequence]
    assert live
    assert all((b - a).total_seconds() > 4 for a, b in pairwise(live))


async def test_what_a_model_without_a_price_costs_is_said_to_be_missing():
    async with (
        model(TALKS) as emulator,
        service(emulator.url, openai_realtime_model="gpt-realtime-2.1-special") as running,
        events_of(running) as events,
        connect(f"{running.ws}/ws"),
    ):
        with running.switchboard.bus.subscribe() as seen:
            async for event in seen:
                if isinstance(event, Cost):
                    break
    cost = of(events, Cost)[0]
    assert (cost.usd, cost.unpriced) == (0, ["gpt-realtime-2.1-special"])
