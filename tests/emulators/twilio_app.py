"""The application's side of a carrier, for tests: webhooks, a media socket, and time that flies."""

import asyncio
import base64
import contextlib
import json
import math
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from emulators.speech import SpeechChunk
from emulators.twilio.asgi_server import serving
from emulators.twilio.clock import FrameClock
from emulators.twilio.frames import encode

TOKEN = "a token"
ACCOUNT = "AC" + "a" * 32


def tone(seconds: float) -> bytes:
    """Something loud, μ-law."""
    values = [round(8000 * math.sin(index * 0.4 + 1)) for index in range(round(8000 * seconds))]
    return encode(struct.pack(f"<{len(values)}h", *values))


class ToneSpeech:
    """A voice box that hums 100 ms for every character."""

    async def speak(
        self, text: str, *, voice: str, sample_rate: int, speed: float = 1.0
    ) -> AsyncIterator[SpeechChunk]:
        assert sample_rate == 8000
        values = [round(8000 * math.sin(index * 0.4 + 1)) for index in range(800 * len(text))]
        yield SpeechChunk(struct.pack(f"<{len(values)}h", *values), text)


@contextlib.asynccontextmanager
async def flying(clock: FrameClock) -> AsyncIterator[None]:
    """Beats as fast as the event loop turns, with turns in between for everybody else."""

    async def beat() -> None:
        while True:
            clock.beat()
            for _ in range(4):
                await asyncio.sleep(0)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


@dataclass
class Hook:
    """A request that the carrier made."""

    method: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class MediaLine:
    """An accepted media socket, after its ``start``."""

    socket: WebSocket
    messages: list[dict[str, Any]] = field(default_factory=list)
    audio: bytearray = field(default_factory=bytearray)

    @property
    def sid(self) -> str:
        return self.start["streamSid"]

    @property
    def start(self) -> dict[str, Any]:
        return next(message for message in self.messages if message["event"] == "start")["start"]

    async def receive(self) -> dict[str, Any]:
        message = json.loads(await self.socket.receive_text())
        if message["event"] == "media":
            self.audio += base64.b64decode(message["media"]["payload"])
        self.messages.append(message)
        return message

    async def until(self, event: str) -> dict[str, Any]:
        while (message := await self.receive())["event"] != event:
            pass
        return message

    async def heard(self, seconds: float) -> None:
        """Reads on until that much has come from the caller since now."""
        enough = len(self.audio) + round(8000 * seconds)
        while len(self.audio) < enough:
            await self.receive()

    async def send(self, event: str, **fields: Any) -> None:
        await self.socket.send_json({"event": event, "streamSid": self.sid, **fields})

    async def play(self, audio: bytes) -> None:
        await self.send("media", media={"payload": base64.b64encode(audio).decode()})

    async def mark(self, name: str) -> None:
        await self.send("mark", mark={"name": name})


Handler = Callable[[MediaLine], Awaitable[None]]


class Application:
    """Answers every webhook with the TwiML set for its path; runs ``handler`` on media sockets."""

    def __init__(self, handler: Handler | None = None) -> None:
        self.url = ""
        self.hooks: list[Hook] = []
        self.lines: list[MediaLine] = []
        self.upgrades: list[Hook] = []
        self.answers: dict[str, str | Response] = {}
        self.handler = handler

    @property
    def media_url(self) -> str:
        return self.url.replace("http", "ws") + "/media"

    def connect(self, path: str = "/voice", then: str = "", **parameters: str) -> None:
        """Lets ``path`` answer with ``<Connect><Stream>``."""
        inner = "".join(f'<Parameter name="{k}" value="{v}"/>' for k, v in parameters.items())
        self.answers[path] = (
            f'<Connect><Stream url="{self.media_url}">{inner}</Stream></Connect>{then}'
        )

    def hooks_of(self, path: str) -> list[dict[str, str]]:
        return [hook.form for hook in self.hooks if hook.url == self.url + path]

    async def _hook(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        self.hooks.append(
            Hook(request.method, str(request.url), form, dict(request.headers)),
        )
        answer = self.answers.get(request.url.path, "")
        if isinstance(answer, Response):
            return answer
        return Response(f"<Response>{answer}</Response>", media_type="text/xml")

    async def _media(self, socket: WebSocket) -> None:
        self.upgrades.append(Hook("GET", str(socket.url), {}, dict(socket.headers)))
        await socket.accept()
        line = MediaLine(socket)
        self.lines.append(line)
        with contextlib.suppress(WebSocketDisconnect):
            await line.until("start")
            if self.handler:
                await self.handler(line)
            else:
                await line.until("stop")
        with contextlib.suppress(RuntimeError):
            await socket.close()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Application"]:
        app = Starlette(
            routes=[
                WebSocketRoute("/media", self._media),
                Route("/{path:path}", self._hook, methods=["GET", "POST"]),
            ]
        )
        async with serving(app) as self.url:
            yield self
