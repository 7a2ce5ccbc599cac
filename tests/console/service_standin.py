"""A service that says what a test tells it to, for the page: real WebRTC and WebSocket, no bot."""

import asyncio
import fractions
import json
import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import uvicorn
from aiortc import MediaStreamTrack, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame
from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from pipecat.frames.protobufs import frames_pb2
from starlette.staticfiles import StaticFiles

from agents import Team
from bot.voices import VOICES
from processors.events.event import Event
from tests.console.heard_sound import HeardSound

DIST = Path(__file__).parent.parent.parent / "console" / "dist"
FRAME_S = 0.02


def tone(sample_rate: int, first: int, samples: int) -> bytes:
    """A stretch of a 220 Hz tone, mono PCM16."""
    step = 2 * math.pi * 220 / sample_rate
    return array(
        "h", (int(8000 * math.sin(step * (first + index))) for index in range(samples))
    ).tobytes()


class Tone(MediaStreamTrack):
    """An endless tone as WebRTC wants it."""

    kind = "audio"
    rate = 48_000

    def __init__(self) -> None:
        super().__init__()
        self._sent = 0
        self._started: float | None = None

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        if self._started is None:
            self._started = loop.time()
        samples = int(self.rate * FRAME_S)
        await asyncio.sleep(max(0.0, self._started + self._sent / self.rate - loop.time()))
        frame = AudioFrame(format="s16", layout="mono", samples=samples)
        frame.planes[0].update(tone(self.rate, self._sent, samples))
        frame.pts, frame.sample_rate = self._sent, self.rate
        frame.time_base = fractions.Fraction(1, self.rate)
        self._sent += samples
        return frame


class ServiceStandIn:
    """One call at a time; `typed`, `heard_samples`, `heard` and `wanted` came from the page.

    `teams` are the titles of those that it offers, by name; all of them have the same agents.
    """

    def __init__(self, team: Team) -> None:
        self.refuse_with: int | None = None
        self.typed: asyncio.Queue[str] = asyncio.Queue()
        self.ready = asyncio.Event()
        self.gone = asyncio.Event()
        self.heard_samples = 0
        self.heard = HeardSound()
        self.url = ""
        self.teams = {team.name: team.title}
        self.wanted: dict[str, str] = {}
        self._team = team
        self._sequence = 0
        self._channel: RTCDataChannel | WebSocket | None = None
        self._peers: dict[str, RTCPeerConnection] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def emit(self, event: Event) -> None:
        """Sends an event of the call, as the bot would."""
        self._sequence += 1
        stamped = event.model_copy(update={"call_id": "call-1", "sequence": self._sequence})
        await self._send("server-message", stamped.model_dump(mode="json"))

    async def say(self, words: str) -> None:
        """Tells the page which words are played now."""
        await self._send("bot-tts-text", {"text": words})

    async def hang_up(self) -> None:
        """Takes leave and closes the line, as the bot's transports do."""
        if isinstance(self._channel, RTCDataChannel) and self._channel.readyState == "open":
            leave = {"type": "signalling", "message": {"type": "peerLeft"}}
            self._channel.send(json.dumps(leave))
        if isinstance(self._channel, WebSocket):
            await self._channel.close()
        for peer in list(self._peers.values()):
            await peer.close()
        self._peers.clear()

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/api/team")(self._team_view)
        app.get("/api/teams")(self._teams_view)
        app.post("/api/offer")(self._offer)
        app.patch("/api/offer", status_code=204)(self._candidates)
        app.websocket("/ws")(self._websocket)
        app.mount("/", StaticFiles(directory=DIST, html=True))
        return app

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator["ServiceStandIn"]:
        config = uvicorn.Config(self.app(), port=port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.01)
        self.url = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            await self.hang_up()
            for working in self._tasks:
                working.cancel()
            server.should_exit = True
            server.force_exit = True
            await task

    async def _teams_view(self) -> list[dict[str, object]]:
        return [{"name": name, "title": title} for name, title in self.teams.items()]

    async def _team_view(self, team: str | None = None) -> dict[str, object]:
        name = team or self._team.name
        return {
            "name": name,
            "title": self.teams[name],
            "voices": list(VOICES),
            "engine": "emulator",
            "phone_number": None,
            "agents": [
                {
                    "name": agent.name,
                    "description": agent.description,
                    "voice": agent.voice,
                    "entry": agent is self._team.entry,
                    "handoffs": list(agent.handoffs),
                    "examples": list(agent.examples),
                }
                for agent in self._team.agents
            ],
        }

    async def _offer(self, request: Request) -> dict[str, str]:
        if self.refuse_with is not None:
            raise HTTPException(self.refuse_with)
        offer = await request.json()
        self.wanted = offer.get("requestData") or offer.get("request_data") or {}
        peer = RTCPeerConnection()
        name = f"peer-{len(self._peers) + 1}"
        self._peers[name] = peer
        peer.on("datachannel", self._on_channel)
        peer.on("track", self._on_track)
        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["type"]))
        peer.getTransceivers()[0].sender.replaceTrack(Tone())
        peer.getTransceivers()[0].direction = "sendrecv"
        await peer.setLocalDescription(await peer.createAnswer())
        local = peer.localDescription
        return {"sdp": local.sdp, "type": local.type, "pc_id": name}

    async def _candidates(self, request: Request) -> None:
        body = await request.json()
        for found in body["candidates"]:
            candidate = candidate_from_sdp(found["candidate"].removeprefix("candidate:"))
            candidate.sdpMid = found["sdp_mid"]
            candidate.sdpMLineIndex = found["sdp_mline_index"]
            await self._peers[body["pc_id"]].addIceCandidate(candidate)

    def _on_channel(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        channel.on("message", lambda text: self._spawn(self._hear(text)))
        channel.on("close", self.gone.set)

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self._spawn(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.heard_samples += frame.samples
                channels = len(frame.layout.channels)
                self.heard.hear(frame.to_ndarray()[0, ::channels], frame.sample_rate)

    async def _websocket(self, websocket: WebSocket) -> None:
        await websocket.accept()
        self.wanted = dict(websocket.query_params)
        if self.refuse_with is not None:
            await websocket.close(1013)
            return
        self._channel = websocket
        self._spawn(self._stream_tone(websocket))
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                frame = frames_pb2.Frame.FromString(await websocket.receive_bytes())
                if frame.WhichOneof("frame") == "audio":
                    self.heard_samples += len(frame.audio.audio) // 2
                    samples = np.frombuffer(frame.audio.audio, np.int16)
                    self.heard.hear(samples, frame.audio.sample_rate)
                else:
                    await self._hear(frame.message.data)
        self._channel = None
        self.gone.set()

    async def _stream_tone(self, websocket: WebSocket) -> None:
        rate, sent = 24_000, 0
        samples = int(rate * FRAME_S)
        while not self.gone.is_set():
            frame = frames_pb2.Frame()
            frame.audio.audio = tone(rate, sent, samples)
            frame.audio.sample_rate, frame.audio.num_channels = rate, 1
            await websocket.send_bytes(frame.SerializeToString())
            sent += samples
            await asyncio.sleep(FRAME_S)

    async def _hear(self, text: str) -> None:
        if not text.startswith("{"):
            return  # the data channel's own keep-alive
        message = json.loads(text)
        if message.get("type") == "client-ready":
            await self._send("bot-ready", {"version": "2.2.0", "about": {}}, message["id"])
            self.ready.set()
        elif message.get("type") == "send-text":
            self.typed.put_nowait(message["data"]["content"])

    async def _send(self, kind: str, data: object, identity: str = "1") -> None:
        message = json.dumps({"label": "rtvi-ai", "type": kind, "id": identity, "data": data})
        if isinstance(self._channel, WebSocket):
            frame = frames_pb2.Frame()
            frame.message.data = message
            await self._channel.send_bytes(frame.SerializeToString())
        elif self._channel is not None and self._channel.readyState == "open":
            self._channel.send(message)

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
