"""A caller's browser over one WebSocket: RTVI in Pipecat's protobuf frames, sound included."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
from pipecat.frames.protobufs import frames_pb2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from emulators.twilio.party import Party
from emulators.twilio.suite.browser_line import (
    CONNECT_TIMEOUT_S,
    RATE,
    READY,
    BrowserCall,
    Narrowed,
)

Message: Any = vars(frames_pb2)["Frame"]
"""Pipecat's frame on the wire; the generated module says nothing of its types."""


class _Microphone:
    """Sends what the headset says, in order, and never holds up the beat."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()

    def send(self, frame: bytes) -> None:
        self._frames.put_nowait(frame)

    async def run(self) -> None:
        while True:
            message = Message()
            message.audio.audio = await self._frames.get()
            message.audio.sample_rate, message.audio.num_channels = RATE, 1
            await self._socket.send(message.SerializeToString())


async def call_by_websocket(
    http: httpx.AsyncClient, team: str, call: BrowserCall, caller: Party
) -> None:
    """Places a call and returns when it is over.

    Raises:
        OSError: The service can't be reached.
        websockets.exceptions.WebSocketException: It does not let the caller in.
    """
    await caller.prepare()
    scheme = "wss" if http.base_url.scheme == "https" else "ws"
    url = f"{scheme}://{http.base_url.netloc.decode()}/ws?{urlencode({'team': team})}"
    key = http.headers.get("authorization")
    socket = connect(
        url,
        compression=None,
        open_timeout=CONNECT_TIMEOUT_S,
        additional_headers={"Authorization": key} if key else {},
    )
    async with socket as connection:
        ready = Message()
        ready.message.data = json.dumps(READY)
        await connection.send(ready.SerializeToString())
        microphone = _Microphone(connection)
        tasks = [
            asyncio.create_task(microphone.run()),
            asyncio.create_task(_listen(connection, call)),
        ]
        try:
            await call.talk(caller, microphone)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(socket: ClientConnection, call: BrowserCall) -> None:
    narrowed: dict[int, Narrowed] = {}
    with suppress(ConnectionClosed):
        async for data in socket:
            if isinstance(data, str):
                continue
            frame = Message.FromString(data)
            match frame.WhichOneof("frame"):
                case "message":
                    call.told(frame.message.data)
                case "audio":
                    rate = frame.audio.sample_rate
                    narrow = narrowed.setdefault(rate, Narrowed(rate))
                    call.hear(np.frombuffer(frame.audio.audio, np.int16), narrow)
    call.closed.set()
