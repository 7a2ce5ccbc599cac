"""The server: a socket at ``/v1/live/sessions``."""

import asyncio
from http import HTTPStatus
from types import TracebackType
from typing import Self

import orjson
from loguru import logger
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from emulators.hearing import Hearing
from emulators.live import events
from emulators.live.errors import LiveError
from emulators.live.session import Engine, Session
from emulators.realtime.hints import HintSource
from emulators.realtime.mind import Mind
from emulators.realtime.vad import VoiceActivity
from emulators.speech import Speech

PATH = "/v1/live/sessions"
START_TIMEOUT_S = 10.0


class LiveEmulator:
    """An OpenAI Live server in this process; ``async with`` it. It does not close the hearing.

    Attributes:
        sessions: The sessions that are open, in the order in which they began.
        past: Those that are over.
    """

    def __init__(
        self,
        *,
        mind: Mind,
        speech: Speech,
        hearing: Hearing,
        hints: HintSource | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        session_minutes: float = 60.0,
    ) -> None:
        """Makes a server that does not serve yet.

        Args:
            mind: Thinks, for the live model and for the one that it delegates to.
            speech: Speaks.
            hearing: Hears.
            hints: What can be heard.
            host: To listen on.
            port: To listen on; 0 is a free one.
            session_minutes: How long a session may last.
        """
        self._activity = VoiceActivity()
        self._engine = Engine(
            mind=mind,
            speech=speech,
            hearing=hearing,
            hints=hints or HintSource(),
            activity=self._activity,
            lifetime_s=session_minutes * 60,
        )
        self._host, self._port = host, port
        self._server: Server | None = None
        self.refuses = False
        self.sessions: list[Session] = []
        self.past: list[Session] = []

    @property
    def url(self) -> str:
        """``ws://host:port/v1/live/sessions``, as ``OPENAI_LIVE_URL`` takes it."""
        if self._server is None:
            raise RuntimeError("the emulator does not serve yet: use `async with`")
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://{self._host}:{port}{PATH}"

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve,
            self._host,
            self._port,
            process_request=self._on_request,
            compression=None,
            server_header=None,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.to_thread(self._activity.close)

    def _on_request(self, connection: ServerConnection, request: Request) -> Response | None:
        path, _, query = request.path.partition("?")
        if path != PATH:
            return connection.respond(HTTPStatus.NOT_FOUND, f"nothing at {path}\n")
        if self.refuses:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "refused\n")
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return connection.respond(HTTPStatus.UNAUTHORIZED, "Missing bearer authentication\n")
        if query:
            # The model is named by session.start alone.
            return connection.respond(HTTPStatus.BAD_REQUEST, "no query parameters\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        try:
            config = await _opening(connection)
        except (ConnectionClosed, TimeoutError):
            return
        if config is None:
            return
        session = Session(connection, config, self._engine)
        self.sessions.append(session)
        try:
            await session.run()
        finally:
            self.sessions.remove(session)
            self.past.append(session)
            logger.info("{} is over", session.id)


async def _opening(connection: ServerConnection) -> events.Session | None:
    """What the client's first message says, or None, once it has been told what is wrong."""
    event_id = None
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            given = events.read(await connection.recv())
        event_id = given.get("event_id")
        return events.start_of(given)
    except LiveError as error:
        await connection.send(orjson.dumps(error.to_event(event_id)).decode())
        await connection.close(1008, error.code)
        return None
