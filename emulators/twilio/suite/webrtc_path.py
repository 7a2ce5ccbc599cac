"""A caller's browser over WebRTC: a peer connection with a microphone and a data channel."""

import asyncio
import fractions
import json
from contextlib import suppress

import httpx
import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from emulators.twilio.party import Party
from emulators.twilio.suite.browser_line import (
    CONNECT_TIMEOUT_S,
    FRAME_SAMPLES,
    RATE,
    READY,
    BrowserCall,
    Narrowed,
)


class _Microphone(MediaStreamTrack):
    """Gives what the headset says, 20 ms at a time, at the carrier's beat."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._position = 0

    def send(self, frame: bytes) -> None:
        self._frames.put_nowait(frame)

    async def recv(self) -> AudioFrame:
        pcm = np.frombuffer(await self._frames.get(), np.int16)
        frame = AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self._position
        frame.time_base = fractions.Fraction(1, RATE)
        self._position += FRAME_SAMPLES
        return frame


async def call_by_webrtc(
    http: httpx.AsyncClient, team: str, call: BrowserCall, caller: Party
) -> None:
    """Places a call and returns when it is over.

    Raises:
        httpx.HTTPError: The service does not take the offer.
        TimeoutError: The connection did not come about.
    """
    await caller.prepare()
    peer, microphone = RTCPeerConnection(), _Microphone()
    channel = peer.createDataChannel("rtvi")
    peer.addTrack(microphone)
    opened = asyncio.Event()
    listening: list[asyncio.Task[None]] = []

    @channel.on("open")
    def on_open() -> None:
        channel.send(json.dumps(READY))
        opened.set()

    @channel.on("message")
    def on_message(message: str) -> None:
        call.told(message)

    @channel.on("close")
    def on_close() -> None:
        call.closed.set()

    @peer.on("connectionstatechange")
    def on_state() -> None:
        if peer.connectionState in ("closed", "failed"):
            call.closed.set()

    @peer.on("track")
    def on_track(track: MediaStreamTrack) -> None:
        listening.append(asyncio.create_task(_listen(track, call)))

    try:
        await peer.setLocalDescription(await peer.createOffer())
        offer = {
            "sdp": peer.localDescription.sdp,
            "type": peer.localDescription.type,
            "request_data": {"team": team},
        }
        answer = await http.post("/api/offer", json=offer)
        answer.raise_for_status()
        told = answer.json()
        await peer.setRemoteDescription(RTCSessionDescription(told["sdp"], told["type"]))
        await asyncio.wait_for(opened.wait(), CONNECT_TIMEOUT_S)
        await call.talk(caller, microphone)
    finally:
        await peer.close()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


async def _listen(track: MediaStreamTrack, call: BrowserCall) -> None:
    narrowed: Narrowed | None = None
    with suppress(MediaStreamError):
        while True:
            frame = await track.recv()
            if not isinstance(frame, AudioFrame):
                continue
            # aiortc decodes Opus to interleaved PCM16.
            samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
            narrowed = narrowed or Narrowed(frame.sample_rate)
            call.hear(np.ascontiguousarray(samples[:, 0]), narrowed)
