"""The service is killed in the middle of a phone call: what is known of it afterwards."""

import asyncio
from contextlib import suppress
from typing import Any

import httpx
import pytest

from emulators.twilio.caller import Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from tests.bot.records.event_stream import stream
from tests.bot.records.test_webhooks import SECRET, Receiver
from tests.bot.service import model
from tests.patience import answered
from tests.running import started

pytestmark = pytest.mark.call

JSON = {"accept": "application/json"}


async def told_until_killed(address: str, process: asyncio.subprocess.Process) -> list[Any]:
    """Every event that the API showed of one phone call before the service was killed in it."""
    shown: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=address, timeout=60) as client, Carrier() as carrier:
        async with stream(client, "/api/events") as events:
            caller = ScriptedCaller([Say("a hotel in Paris please"), Say("for two people")])
            calling = asyncio.create_task(carrier.call(f"{address}/twilio/voice", caller))
            with suppress(EOFError, httpx.TransportError):
                while True:
                    shown.append(await events.event())
                    turns = sum(event["type"] == "turn.latency" for event in shown)
                    if turns == 1 and process.returncode is None:
                        process.kill()
                        await process.wait()
        with suppress(Exception):  # what became of the carrier's side is not the point here
            await calling
    return shown


async def knows_its_receiver(address: str) -> None:
    """Returns once the service has a receiver on its books: from then on it is told."""
    async with httpx.AsyncClient(base_url=address) as client:
        await answered(lambda: client.get("/api/webhooks"), lambda answer: answer.json())


async def found_lost(client: httpx.AsyncClient) -> dict[str, Any]:
    """The one call there is, once the service has found that its process is gone."""

    async def the_call() -> dict[str, Any]:
        [call] = (await client.get("/api/calls")).json()["calls"]
        return dict(call)

    return await answered(the_call, lambda call: call["status"] != "in_progress")


async def test_after_kill_9_the_call_is_failed_and_has_every_event_that_was_shown(tmp_path):
    async with model(hearing=["a hotel in Paris please", "for two people"]) as emulator:
        there = Receiver()
        async with there.running():
            pass  # It has an address now, and nobody is there.
        settings = {
            "OPENAI_REALTIME_URL": emulator.url,
            "OPENAI_API_KEY": "any",
            "WEBHOOK_URLS": there.url,
            "WEBHOOK_SECRET": SECRET,
        }
        async with started(tmp_path, **settings) as (address, process):
            await knows_its_receiver(address)
            shown = await told_until_killed(address, process)
        acknowledged = [event for event in shown if event.get("final") is not False]
        assert {"call.started", "agent.changed", "turn.latency"} <= {
            event["type"] for event in acknowledged
        }
        async with (
            there.running(),
            started(tmp_path, **settings) as (address, _process),
            httpx.AsyncClient(base_url=address, timeout=30, headers=JSON) as client,
        ):
            call = await found_lost(client)
            events = (await client.get(f"/api/calls/{call['id']}/events")).json()["events"]
            await there.has(len(events))
    assert (call["id"], call["status"], call["reason"]) == (
        acknowledged[0]["call_id"],
        "failed",
        "lost",
    )
    assert events[: len(acknowledged)] == acknowledged
    # Its receiver was away: it was told of each of them, once, after the restart.
    assert there.taken[: len(events)] == events
    assert len(set(there.ids)) == len(there.ids)
    assert events[-1]["type"] == "call.ended"
    assert len({event["sequence"] for event in events}) == len(events)
    assert call["ended_at"] == events[-2]["at"]
