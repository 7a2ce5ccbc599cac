"""Calls from a browser, over WebSocket and WebRTC: audio, events, typed text, the end."""

import asyncio
import json
from base64 import b64decode
from typing import Any

import pytest
from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack
from httpx import AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.transports import webrtc
from processors.events.calls import CallEnded
from processors.events.people import OperatorAction
from tests.bot.browser import READY, Page, protobuf_audio, socket_page, typed
from tests.bot.events import events_of
from tests.bot.service import Service, model, service, until
from tests.patience import PATIENCE_S


async def test_a_browser_over_websocket_hears_the_greeting_and_is_shown_the_call():
    async with model() as emulator, service(emulator.url) as running:
        greeting = running.switchboard.team.entry.greeting
        async with socket_page(running) as page:
            await page.tell(READY)
            await page.is_told("bot-ready")
            first = await page.sees("call.started", channel="websocket")
            await page.sees("agent.changed", to_agent="front_desk", voice="marin")
            await page.sees("agent.transcript", final=True, text=greeting)
        await until(lambda: not running.switchboard.calls.live)
    assert first["sequence"] == 1
    assert page.audio_bytes > 0
    numbers = [event["sequence"] for event in page.events]
    assert numbers == sorted(set(numbers))


async def test_a_browser_is_not_shown_what_operators_tell_the_agent_nor_what_the_call_costs():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        socket_page(running) as page,
    ):
        await page.tell(READY)
        await page.sees("session.state", state="ready")
        (call_id,) = running.switchboard.calls.live
        async with AsyncClient(base_url=running.http) as client:
            told = {"instruction": "Offer breakfast"}
            assert (await client.post(f"/api/calls/{call_id}/coach", json=told)).is_success
        await page.tell(typed("what can you do"))
        await page.sees("agent.transcript", text="Very well then", final=True)
    assert any(isinstance(event, OperatorAction) for event in events)
    kinds = {event["type"] for event in page.events}
    assert "agent.transcript" in kinds
    assert not kinds & {"operator.action", "cost", "cost.limit", "threshold.exceeded"}
    assert "breakfast" not in json.dumps(page.events)


async def test_typed_text_is_answered():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        socket_page(running) as page,
    ):
        await page.tell(READY)
        await page.sees("session.state", state="ready")
        await page.tell(typed("what can you do"))
        await page.sees("user.transcript", text="what can you do", final=True)
        await page.sees("agent.transcript", text="Very well then", final=True)


@pytest.mark.parametrize(
    "garbage",
    [
        "text",
        b"\xff\xff\xff\xff",
        b"",
        protobuf_audio(b"\0\0", 11_025),
        protobuf_audio(b"\0", 24_000),
    ],
    ids=["text", "no protobuf", "empty", "odd rate", "half a sample"],
)
async def test_garbage_over_websocket_ends_the_call_and_leaves_nothing(garbage):
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        socket_page(running) as page,
    ):
        await page.tell(READY)
        await page.is_told("bot-ready")
        await page.socket.send(garbage)
        await asyncio.wait_for(page.socket.wait_closed(), PATIENCE_S)
        await until(lambda: not running.switchboard.calls.live)
        await emulator.all_over()
    assert [event.reason for event in events if isinstance(event, CallEnded)] == ["error"]


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
async def test_a_browsers_audio_reaches_the_model_whatever_its_rate(rate):
    received = bytearray()

    def observe(_session: object, direction: str, event: dict[str, Any]) -> None:
        if direction == "in" and event["type"] == "input_audio_buffer.append":
            received.extend(b64decode(event["audio"]))

    async with (
        model(observer=observe) as emulator,
        service(emulator.url) as running,
        socket_page(running) as page,
    ):
        await page.tell(READY)
        await page.sees("session.state", state="ready")
        for _ in range(50):
            await page.socket.send(protobuf_audio(bytes(rate // 50 * 2), rate))
        await until(lambda: len(received) >= 0.95 * 24_000 * 2)
    assert len(received) <= 24_000 * 2


async def test_a_browser_whose_model_is_unavailable_is_told():
    async with service("ws://127.0.0.1:9/v1/realtime") as running:
        async with socket_page(running) as page:
            await page.tell(READY)
            error = await page.is_told("error")
        await until(lambda: not running.switchboard.calls.live)
    assert error["data"]["error"]


async def test_a_browser_too_many_is_closed_with_try_again_later():
    async with model() as emulator, service(emulator.url, max_calls=1) as running:
        running.switchboard.calls.admit()
        async with socket_page(running) as page:
            await asyncio.wait_for(page.socket.wait_closed(), PATIENCE_S)
    assert page.socket.close_code == 1013


async def test_a_browser_can_end_the_call_by_rtvi():
    async with (
        model() as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
        socket_page(running) as page,
    ):
        await page.tell(READY)
        await page.sees("session.state", state="ready")
        await page.tell({"label": "rtvi-ai", "type": "disconnect-bot", "id": "3", "data": {}})
        await asyncio.wait_for(page.socket.wait_closed(), PATIENCE_S)
        await until(lambda: not running.switchboard.calls.live)
    assert [event.reason for event in events if isinstance(event, CallEnded)] == ["caller"]


async def test_a_websocket_to_nowhere_is_refused(tmp_path):
    (tmp_path / "index.html").write_text("")
    async with service("ws://127.0.0.1:9/v1/realtime", console=tmp_path) as running:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{running.ws}/nowhere")
    assert refused.value.response.status_code == 403


class PeerPage(Page):
    def __init__(self) -> None:
        super().__init__()
        self.peer = RTCPeerConnection()
        self.channel: RTCDataChannel = self.peer.createDataChannel("rtvi")
        self.opened = asyncio.Event()
        self.peer.addTrack(AudioStreamTrack())
        self.channel.on("open", self.opened.set)
        self.channel.on("message", self._take)
        self.peer.on("track", self._listen)
        self._listening: list[asyncio.Task[None]] = []

    def _take(self, data: str) -> None:
        message = json.loads(data)
        if message.get("label") == "rtvi-ai":
            self.take(message)

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening.append(asyncio.create_task(self._hear(track)))

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            if abs(frame.to_ndarray()).max() > 500:
                self.hear(b"loud")

    async def call(self, running: Service) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        local = self.peer.localDescription
        async with AsyncClient() as client:
            body = {"sdp": local.sdp, "type": local.type, "request_data": {"team": "travel"}}
            answer = (await client.post(f"{running.http}/api/offer", json=body)).json()
        await self.peer.setRemoteDescription(
            RTCSessionDescription(sdp=answer["sdp"], type=answer["type"])
        )
        return str(answer["pc_id"])

    async def hang_up(self) -> None:
        await self.peer.close()
        for listening in self._listening:
            listening.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)


async def test_a_browser_over_webrtc_hears_the_whole_greeting_and_is_shown_the_call():
    async with model() as emulator, service(emulator.url) as running:
        greeting = running.switchboard.team.entry.greeting
        page = PeerPage()
        pc_id = await page.call(running)
        assert pc_id in running.switchboard.peers
        await asyncio.wait_for(page.opened.wait(), PATIENCE_S)
        page.channel.send(json.dumps(READY))
        await page.is_told("bot-ready")
        await page.sees("agent.transcript", final=True, text=greeting, interrupted=False)
        page.channel.send(json.dumps(typed("hello")))
        await page.sees("agent.transcript", final=True, text="Very well then")
        assert page.audio_bytes > 0
        await page.hang_up()
        await until(lambda: not running.switchboard.calls.live)
        await until(lambda: not running.switchboard.peers)
        await emulator.all_over()


FAREWELL = """
turns:
  - do:
      - say: Goodbye then
      - call: {name: end_call, arguments: {reason: nothing left to do}}
"""


async def test_a_call_over_webrtc_that_the_agent_ends_is_over():
    async with (
        model(FAREWELL) as emulator,
        service(emulator.url) as running,
        events_of(running) as events,
    ):
        greeting = running.switchboard.team.entry.greeting
        page = PeerPage()
        await page.call(running)
        await asyncio.wait_for(page.opened.wait(), 20)
        page.channel.send(json.dumps(READY))
        await page.sees("agent.transcript", final=True, text=greeting)
        page.channel.send(json.dumps(typed("that is all")))
        await page.sees("agent.transcript", final=True, text="Goodbye then")
        await until(lambda: not running.switchboard.calls.live)
        await until(lambda: not running.switchboard.peers)
        await page.hang_up()
    assert [event.reason for event in events if isinstance(event, CallEnded)] == ["agent"]


async def test_a_browser_that_never_connects_is_given_up(monkeypatch):
    monkeypatch.setattr(webrtc, "CONNECT_TIMEOUT_S", 0.1)
    async with model() as emulator, service(emulator.url) as running:
        page = PeerPage()
        await page.peer.setLocalDescription(await page.peer.createOffer())
        body = {"sdp": page.peer.localDescription.sdp, "type": "offer"}
        async with events_of(running) as events, AsyncClient() as client:
            await client.post(f"{running.http}/api/offer", json=body)
            await page.hang_up()
            await until(lambda: not running.switchboard.calls.live)
        await until(lambda: not running.switchboard.peers)
    assert [event.reason for event in events if isinstance(event, CallEnded)] == ["error"]


async def test_a_page_of_another_site_gets_no_socket():
    async with model() as emulator, service(emulator.url) as running:
        for origin in ("https://evil.example", "null"):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(f"{running.ws}/ws", origin=origin):
                    pass
            assert refused.value.response.status_code == 403
        async with connect(f"{running.ws}/ws", origin=running.http):
            await until(lambda: bool(running.switchboard.calls.live))
        await until(lambda: not running.switchboard.calls.live)
