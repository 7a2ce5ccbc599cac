"""SIGTERM in the middle of a phone call, to the service as a person starts it."""

import asyncio
import signal
import sqlite3
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from bot.draining import FAREWELL
from emulators.twilio.caller import Manners, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from tests.bot.records.event_stream import stream
from tests.bot.service import model
from tests.patience import PATIENCE_S
from tests.running import started

pytestmark = pytest.mark.call

LISTENS = Manners(patience_s=120)
"""Somebody who says nothing and stays until the other side hangs up."""


class InCall:
    """A service in its process, and a caller who has heard the greeting."""

    def __init__(self, process: Process, client: httpx.AsyncClient, live: LiveCall) -> None:
        self.process = process
        self.http = client
        self.live = live

    def signal(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def ends(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            await self.live.over.wait()
            return await self.process.wait()


@asynccontextmanager
async def in_call(folder: Path, **settings: str) -> AsyncIterator[InCall]:
    async with model() as emulator:
        settings |= {
            "OPENAI_REALTIME_URL": emulator.url,
            "OPENAI_API_KEY": "any",
            "CALLER_IDLE_S": "0",
        }
        async with (
            started(folder, **settings) as (address, process),
            httpx.AsyncClient(base_url=address, timeout=60) as client,
            Carrier() as carrier,
        ):
            async with stream(client, "/api/events") as events:
                live = await carrier.ring(
                    f"{address}/twilio/voice", ScriptedCaller([], manners=LISTENS)
                )
                while (await events.event())["type"] != "agent.transcript":
                    pass
            yield InCall(process, client, live)


def kept(folder: Path) -> tuple[tuple[str, str], list[dict[str, Any]]]:
    """Status and reason of the one call in the database, and its events."""
    with sqlite3.connect(folder / "test.db") as database:
        [(status, reason)] = database.execute("SELECT status, reason FROM calls").fetchall()
        rows = database.execute("SELECT payload FROM call_events ORDER BY sequence").fetchall()
    return (status, reason), [orjson.loads(payload) for (payload,) in rows]


def last_words(events: list[dict[str, Any]]) -> tuple[str, bool]:
    said = [event for event in events if event["type"] == "agent.transcript"]
    return said[-1]["text"], said[-1]["interrupted"]


async def test_the_caller_hears_a_goodbye_and_all_is_kept(tmp_path):
    async with in_call(tmp_path, RECORDING="on") as call:
        heard_before = len(call.live.playback.heard)
        call.signal()
        code = await call.ends()
        heard = bytes(call.live.playback.heard)[heard_before:]
    assert code == 0
    assert call.live.failure is None
    assert call.live.call.status == "completed"
    assert len(heard) > 8000, "a second of the goodbye"
    outcome, events = kept(tmp_path)
    assert outcome == ("completed", "shutdown")
    assert last_words(events) == (FAREWELL, False)
    # What the call has cost is said when it is over.
    assert [event["type"] for event in events if event["type"] != "cost"][-1] == "call.ended"
    assert [path.suffix for path in (tmp_path / "recordings").iterdir()] == [".ogg"]
    assert "recording.finished" in {event["type"] for event in events}
    assert not list((tmp_path / "spool").glob("*/*.jsonl")), "all of it is in the database"


async def test_calls_may_go_on_for_a_while_and_a_second_signal_ends_that(tmp_path):
    async with in_call(tmp_path, DRAIN_TIMEOUT_S="3600") as call:
        call.signal()
        while (ready := await call.http.get("/ready")).status_code == 200:
            pass
        form = {"CallSid": "CA2", "From": "+14155550122"}
        second = await call.http.post("/twilio/voice", data=form)
        still_live = (await call.http.get("/health")).json()["live_calls"]
        call.signal()
        code = await call.ends()
    assert ready.json()["reasons"] == ["the service is shutting down"]
    assert "<Stream" not in second.text
    assert "lines are busy" in second.text
    assert still_live == 1
    assert code == 0
    outcome, events = kept(tmp_path)
    assert outcome == ("completed", "shutdown")
    assert last_words(events) == (FAREWELL, False)
