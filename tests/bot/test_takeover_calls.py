"""An operator takes a phone call over and hands it back: what the caller hears, what is known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from httpx import AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.control import ANNOUNCEMENT
from bot.takeover import BEGAN, LINES, SAID
from emulators.twilio.callees import Callee
from emulators.twilio.caller import Manners, Say, ScriptedCaller, Until, Wait
from emulators.twilio.carrier import Carrier
from processors.events.calls import CallEnded, Problem
from processors.events.conversation import AgentTranscript, OperatorTranscript, UserTranscript
from processors.events.people import CallHandedBack, CallTakenOver, TransferFinished
from tests.bot.browser import READY, SocketPage, protobuf_audio
from tests.bot.call_sound import RATE, heard, loud_ms, said
from tests.bot.events import events_of
from tests.bot.live_model import live_model
from tests.bot.phone import STOP
from tests.bot.service import Service, model, service, until
from tests.bot.takeover_desk import (
    AGENT_HZ,
    DESK,
    KEYS,
    LINE_RATE,
    OPERATOR_HZ,
    OPERATOR_SAID,
    OTHER,
    READER,
    has,
    level_at,
    of,
    share_at,
    speech,
    takeover_service,
    talking,
)
from tests.bot.test_transfers import desk as transfer_desk
from tests.emulators.recalling_mind import RecallingMind

pytestmark = pytest.mark.call

FRAME_MS = 20
OFFER = {
    "type": "offer",
    "sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n",
}


def tone(ms: int) -> bytes:
    """An operator's voice: a pitch that neither the agents nor the caller have."""
    at = np.arange(LINE_RATE * ms // 1000) / LINE_RATE
    return (np.sin(2 * np.pi * OPERATOR_HZ * at) * 8000).astype(np.int16).tobytes()


class OperatorPage(SocketPage):
    """An operator's end: a microphone that sends in real time, silence unless told otherwise."""

    def __init__(self, socket) -> None:
        super().__init__(socket)
        self.heard = bytearray()
        self.is_cut_off = False
        self._says = bytearray()
        self._all_said = asyncio.Event()

    def hear(self, audio: bytes) -> None:
        super().hear(audio)
        self.heard += audio

    async def say(self, pcm: bytes) -> None:
        """Returns once it was sent."""
        self._all_said.clear()
        self._says += pcm
        await self._all_said.wait()

    async def speak(self) -> None:
        size = 2 * LINE_RATE * FRAME_MS // 1000
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self.is_cut_off:
            chunk = bytes(self._says[:size]).ljust(size, b"\0")
            del self._says[:size]
            await self.socket.send(protobuf_audio(chunk, LINE_RATE))
            if not self._says:
                self._all_said.set()
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - loop.time()))


@asynccontextmanager
async def operator(
    running: Service, call_id: str, *, by: str = "desk"
) -> AsyncIterator[OperatorPage]:
    """An operator who has taken the call over by a WebSocket."""
    url = f"{running.ws}/api/calls/{call_id}/takeover"
    async with connect(url, compression=None, additional_headers=DESK) as socket:
        page = OperatorPage(socket)
        await page.tell(READY)
        ends = [asyncio.create_task(page.listen()), asyncio.create_task(page.speak())]
        try:
            await until(lambda: running.switchboard.calls.live[call_id].takeover.by == by)
            yield page
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)


@pytest.mark.timeout(120)
async def test_the_caller_hears_the_operator_and_no_agent_and_the_agent_then_knows_what_was_said():
    asked, promised = "I want my money back", "What did your colleague promise me"
    async with (
        Carrier() as carrier,
        takeover_service(caller=[asked, promised], said=[OPERATOR_SAID]) as (
            running,
            client,
            events,
        ),
    ):
        caller = ScriptedCaller(
            [
                Until(lambda: has(events, CallTakenOver)),
                Say(asked),
                Until(lambda: has(events, CallHandedBack)),
                Until(lambda: has(events, AgentTranscript, text=LINES["operator"], final=True)),
                Say(promised),
                Until(lambda: has(events, AgentTranscript, text=OPERATOR_SAID, final=True)),
            ],
            manners=Manners(quiet_s=0.5, listens_first=False, longest_turn_s=90),
        )
        live = await carrier.ring(f"{running.http}/twilio/voice", caller)
        await until(lambda: has(events, AgentTranscript, final=True), timeout_s=60)
        [call_id] = running.switchboard.calls.live
        async with operator(running, call_id) as page:
            began = len(heard(live))
            await until(lambda: has(events, UserTranscript, text=asked, final=True), timeout_s=60)
            await page.say(tone(2000))
            words_begin = len(heard(live))
            await page.say(await speech(OPERATOR_SAID) + bytes(LINE_RATE * 2))
            await until(
                lambda: has(events, OperatorTranscript, text=OPERATOR_SAID, final=True),
                timeout_s=60,
            )
            ended = len(heard(live))
            assert (await client.post(f"/api/calls/{call_id}/handback")).status_code == 200
        await until(
            lambda: has(events, AgentTranscript, text=OPERATOR_SAID, final=True), timeout_s=60
        )
        await live.over.wait()
        await until(lambda: has(events, CallEnded))
        record = (await client.get(f"/api/calls/{call_id}")).json()
    meanwhile = heard(live)[began:ended]
    seconds = [meanwhile[at : at + RATE] for at in range(0, len(meanwhile), RATE)]
    assert max(share_at(OPERATOR_HZ, second) for second in seconds) > 0.9
    # Words have all pitches, and the first moments are the carrier's, which is told to be silent.
    wordless = heard(live)[began + RATE // 2 : words_begin]
    assert level_at(AGENT_HZ, wordless) < level_at(AGENT_HZ, heard(live)[:began]) / 10_000
    theirs = np.frombuffer(bytes(page.heard), np.int16)[:: LINE_RATE // RATE]
    # A busy machine is late, and what comes too late is left out.
    assert loud_ms(theirs) > loud_ms(said(live)[began:ended]) / 2
    assert share_at(OPERATOR_HZ, theirs) < 0.01, "nobody hears an echo of himself"
    over = [e for e in events if isinstance(e, CallTakenOver | CallHandedBack)]
    assert [(e.type, e.by) for e in over] == [
        ("call.taken_over", "desk"),
        ("call.handed_back", "desk"),
    ]
    between = range(over[0].sequence, over[1].sequence)
    assert not [e for e in of(events, AgentTranscript) if e.sequence in between]
    assert ("operator", OPERATOR_SAID) in [
        (line["speaker"], line["text"]) for line in record["transcript"]
    ]


@pytest.mark.timeout(120)
async def test_an_operator_whose_connection_breaks_is_followed_by_the_agent_who_says_so():
    async with takeover_service() as (running, _, events), talking(running) as (phone, call_id):
        async with operator(running, call_id) as page:
            page.socket.transport.abort()
            sorry = LINES["connection_lost"]
            await until(lambda: has(events, AgentTranscript, text=sorry), timeout_s=60)
        async with operator(running, call_id) as page:
            # The network is cut: nothing closes the socket, nothing comes any more.
            page.is_cut_off = True
            await until(lambda: len(of(events, CallHandedBack)) == 2, timeout_s=60)
        assert [e.reason for e in of(events, CallHandedBack)] == ["connection_lost"] * 2
        async with operator(running, call_id) as page:
            await phone.says(STOP)
            await page.socket.wait_closed()
        await until(lambda: has(events, CallEnded, reason="caller"), timeout_s=60)
        assert len(of(events, CallHandedBack)) == 2


@pytest.mark.timeout(120)
async def test_one_operator_has_a_call_at_a_time_and_its_end_is_said_by_the_agent():
    async with takeover_service() as (running, client, events):
        async with talking(running) as (_, call_id):
            base = f"/api/calls/{call_id}"
            nobody = await client.post(f"{base}/handback")
            assert (nobody.status_code, nobody.json()["detail"]) == (
                409,
                "no operator has taken this call over",
            )
            async with operator(running, call_id) as page:
                url = f"{running.ws}{base}/takeover"
                with pytest.raises(InvalidStatus) as second:
                    async with connect(url, additional_headers=OTHER):
                        pass
                assert second.value.response.status_code == 409
                assert b"taken over by desk" in (second.value.response.body or b"")
                busy = await client.post(f"{base}/takeover/offer", json=OFFER, headers=OTHER)
                assert (busy.status_code, busy.json()["detail"]) == (
                    409,
                    "the call is taken over by desk",
                )
                line = await client.post(f"{base}/say", json={"text": "Hello"})
                assert line.status_code == 409
                ended = await client.post(f"{base}/end", json={"farewell": "Thank you goodbye"})
                assert ended.status_code == 202
                await page.socket.wait_closed()
            await until(lambda: has(events, CallEnded, reason="operator"), timeout_s=60)
        assert [e.reason for e in of(events, CallHandedBack)] == ["call_ended"]
        assert has(events, AgentTranscript, text="Thank you goodbye", final=True)


@pytest.mark.timeout(120)
async def test_gpt_live_knows_what_the_operator_said_and_opens_when_it_is_back():
    async with (
        live_model(mind=RecallingMind()) as emulator,
        model(hearing=[OPERATOR_SAID] * 3) as writer,
        service(
            writer.url, voice_engine="live", openai_live_url=emulator.url, api_keys=KEYS
        ) as running,
        events_of(running) as events,
        AsyncClient(base_url=running.http, headers=DESK) as client,
        talking(running) as (_, call_id),
    ):
        [session] = emulator.sessions
        async with operator(running, call_id) as page:
            await page.say(await speech(OPERATOR_SAID) + bytes(LINE_RATE * 2))
            written = {"text": OPERATOR_SAID, "by": "desk", "final": True}
            await until(lambda: has(events, OperatorTranscript, **written), timeout_s=60)
            assert (await client.post(f"/api/calls/{call_id}/handback")).status_code == 200
        opening = LINES["operator"]
        await until(lambda: has(events, AgentTranscript, text=opening, final=True), timeout_s=60)
        told = [e["content"] for e in session.received if e["type"] == "session.thinking.append"]
        assert told[:2] == [BEGAN, SAID.format(OPERATOR_SAID)]
        assert not writer.sessions, "nobody writes any more"
        assert not of(events, Problem)


@pytest.mark.timeout(120)
async def test_an_operator_who_has_the_call_transfers_it_and_the_agent_announces_nothing():
    async with (
        transfer_desk(Callee(ring_s=0.5), ["hello"]) as (carrier, running),
        events_of(running) as events,
        AsyncClient(base_url=running.http) as client,
    ):
        stays = ScriptedCaller([Wait(30)], manners=Manners(quiet_s=1.0))
        live = await carrier.ring(f"{running.http}/twilio/voice", stays)
        await until(lambda: any(c.model for c in running.switchboard.calls.live.values()))
        [call_id] = running.switchboard.calls.live
        async with operator(running, call_id, by="local") as page:
            url = f"/api/calls/{call_id}/transfer"
            assert (await client.post(url, json={"kind": "blind"})).status_code == 202
            await page.socket.wait_closed()
        await until(lambda: not running.switchboard.calls.live, timeout_s=60)
        await live.over.wait()
    assert not has(events, AgentTranscript, text=ANNOUNCEMENT)
    assert [e.reason for e in of(events, CallHandedBack)] == ["transfer"]
    assert [e.outcome for e in of(events, TransferFinished)] == ["answered"]


async def test_who_may_not_operate_or_names_no_live_call_is_refused():
    async with takeover_service() as (running, client, _), talking(running) as (_, call_id):
        for method, path, body in (
            ("POST", "takeover/offer", OFFER),
            ("PATCH", "takeover/offer", {"pc_id": "none", "candidates": []}),
            ("POST", "handback", None),
        ):
            known, unknown = (f"/api/calls/{each}/{path}" for each in (call_id, "call_none"))
            reader = await client.request(method, known, json=body, headers=READER)
            assert reader.status_code == 403
            stranger = await client.request(method, known, json=body, headers={"Authorization": ""})
            assert stranger.status_code == 401
            assert (await client.request(method, unknown, json=body)).status_code == 404
        for headers, call, status in ((READER, call_id, 403), (DESK, "call_none", 404)):
            url = f"{running.ws}/api/calls/{call}/takeover"
            with pytest.raises(InvalidStatus) as refused:
                async with connect(url, additional_headers=headers):
                    pass
            assert refused.value.response.status_code == status
