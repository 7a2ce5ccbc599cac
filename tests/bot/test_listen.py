"""Listening in on calls of the running service."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from num2words import num2words
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.live_call import LiveCall
from processors.call_audio.line_quality import PACKET_MS, estimated_mos
from processors.events.calls import CallEnded, CallStarted
from processors.events.conversation import AgentTranscript, Interruption
from processors.events.event import Event
from processors.events.figures import Quality
from tests.bot.call_sound import Sound, heard, lag_ms, later, loud_ms, pcm, said
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until
from tests.bot.test_phone_calls import STOP, handset
from tests.emulators.standins import WORD_MS
from tests.reliability.beat import beating

NUMBERS = " ".join(num2words(number) for number in range(1, 51))
"""Eight seconds: whoever interrupts them is heard, whatever the machine has to do."""

TALK = f"""
opening:
  - say: Hello there my friend
turns:
  - do:
      - say: {NUMBERS}
  - do:
      - say: Very well then
loop: true
"""


class Ear:
    """What one listener got."""

    def __init__(self) -> None:
        self.format: dict[str, Any] = {}
        self.notes: list[dict[str, Any]] = []
        self.audio = bytearray()
        self.close_code: int | None = None

    async def listen(self, running: Service, call_id: str, query: str = "") -> None:
        url = f"{running.ws}/api/calls/{call_id}/listen{query}"
        async with connect(url, compression=None) as socket:
            self.format = json.loads(await socket.recv())
            try:
                async for message in socket:
                    if isinstance(message, bytes):
                        self.audio += message
                    else:
                        self.notes.append(json.loads(message))
            except ConnectionClosed:
                pass
            self.close_code = socket.close_code

    def channel(self, index: int) -> Sound:
        samples = np.frombuffer(bytes(self.audio), np.int16)
        return samples.reshape(-1, len(self.format["channels"]))[:, index]


def assert_cut(events: Sequence[Event], live: LiveCall) -> None:
    """The agent was interrupted while it counted, and was heard as far as the events say."""
    said = [event for event in events if isinstance(event, AgentTranscript) and event.final]
    (cut,) = [event for event in said if event.interrupted]
    assert NUMBERS.startswith(cut.text)
    assert cut.text != NUMBERS
    words = " ".join(event.text for event in said if event is not cut).split()
    (interruption,) = [event for event in events if isinstance(event, Interruption)]
    spoken_ms = len(words) * WORD_MS + interruption.heard_ms
    assert loud_ms(heard(live)) == pytest.approx(spoken_ms, abs=2 * WORD_MS)


async def started(running: Service) -> str:
    """The id of the next call."""
    with running.switchboard.bus.subscribe() as events:
        async for event in events:
            if isinstance(event, CallStarted):
                return event.call_id
    raise AssertionError


@pytest.mark.call
async def test_a_listener_hears_both_sides_as_the_caller_does_and_an_interruption_cut():
    async with (
        beating(waits=True) as clock,
        Carrier(clock=clock) as carrier,
        model(TALK, ["tell me", "stop it now"]) as emulator,
        service(emulator.url, answer_timeout_s=0, caller_idle_s=0) as running,
        events_of(running) as events,
    ):
        caller = ScriptedCaller(
            [Say("Please tell me the numbers"), Say("Stop it now", interrupt_after_s=0.5)],
            manners=Manners(quiet_s=0.5, linger_s=0.2),
        )
        both, one = Ear(), Ear()
        starting = asyncio.create_task(started(running))
        ringing = asyncio.create_task(carrier.call(f"{running.http}/twilio/voice", caller))
        call_id = await starting
        listening = asyncio.gather(
            both.listen(running, call_id),
            one.listen(running, call_id, "?format=mulaw&sides=agent"),
        )
        live = await ringing
        await listening
        await until(lambda: not running.switchboard.calls.live)
    assert both.format == {
        "call_id": call_id,
        "format": "pcm16",
        "sample_rate": 8000,
        "channels": ["caller", "agent"],
    }
    assert one.format["channels"] == ["agent"]
    assert (both.close_code, one.close_code) == (1000, 1000)
    assert both.notes == one.notes == []
    # Who joins a little after the start misses that much of both sides.
    since = later(heard(live), lag_ms(both.channel(0), said(live)))
    # Something may be missing: a report that comes late on a busy machine is too late to listen.
    assert abs(lag_ms(both.channel(1), since, alike=0.7)) < 40
    # The agent was cut off, and nothing that the caller did not hear is in it.
    assert loud_ms(both.channel(1)) < loud_ms(since) + 60
    assert_cut(events, live)
    assert lag_ms(pcm(bytes(one.audio)), both.channel(1), alike=0.7) < 1000
    (quality,) = [e for e in events if isinstance(e, Quality)]
    (ended,) = [e for e in events if isinstance(e, CallEnded)]
    assert quality.sequence < ended.sequence
    assert quality.gaps == 0
    # What comes of a line without loss and with this jitter, which is the machine's.
    delay_ms = PACKET_MS + 2 * quality.jitter_ms
    assert quality.mos == pytest.approx(estimated_mos(loss=0, delay_ms=delay_ms), abs=0.02)
    assert quality.speech_dbfs is not None
    assert -40 < quality.speech_dbfs < 0


@asynccontextmanager
async def a_call(**settings: Any):
    async with (
        model() as emulator,
        service(emulator.url, **settings) as running,
        handset(running) as phone,
    ):
        listening = asyncio.create_task(phone.listens())
        await phone.chunk_heard.wait()
        (call,) = running.switchboard.calls.live.values()
        yield running, call
        await phone.says(STOP)
        await listening


async def test_a_listener_who_leaves_is_forgotten_and_the_call_goes_on():
    async with a_call() as (running, call):
        url = f"{running.ws}/api/calls/{call.id}/listen"
        async with connect(url) as socket:
            await socket.recv()
            await until(lambda: call.audio.listeners == 1)
        await until(lambda: call.audio.listeners == 0)
        assert not call.ended.is_set()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("call_00000000000000000000000000000000/listen", 404),
        ("nonsense/listen", 404),
        ("{id}/listen?format=mp3", 422),
        ("{id}/listen?sides=neither", 422),
    ],
)
async def test_who_cannot_listen_is_told_why(path, status):
    async with a_call() as (running, call):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"{running.ws}/api/calls/{path.format(id=call.id)}"):
                pass
    response = refused.value.response
    assert response.status_code == status
    assert json.loads(response.body)["field"] in ("call_id", "format", "sides")


async def test_listening_asks_for_a_key_that_may_read():
    key = "a" * 40
    async with a_call(api_keys=f"ann:read:{key}") as (running, call):
        url = f"{running.ws}/api/calls/{call.id}/listen"
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url):
                pass
        headers = {"Authorization": f"Bearer {key}"}
        async with connect(url, additional_headers=headers) as socket:
            assert json.loads(await socket.recv())["call_id"] == call.id
    assert refused.value.response.status_code == 401
