"""The server: a socket at ``/v1/realtime``, and a small HTTP control of the faults beside it."""

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import orjson
from loguru import logger
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from emulators.hearing import Hearing
from emulators.realtime import azure, errors
from emulators.realtime.errors import FatalError
from emulators.realtime.faults import Fault, FaultError, fault_from, parse_fault
from emulators.realtime.hints import HintSource
from emulators.realtime.idle import CallLater
from emulators.realtime.ids import new_id
from emulators.realtime.mind import Mind
from emulators.realtime.session import Engine, Observer, Session
from emulators.realtime.vad import VoiceActivity
from emulators.speech import Speech

PATH = "/v1/realtime"
_PROTOCOL = Subprotocol("realtime")
_KEY_PROTOCOL = "openai-insecure-api-key."
_PING_S = 20
_CLOSE_S = 2
_MAX_FRAME = 24 * 1024 * 1024
"""An append of 15 MiB as base64, with room."""


class RealtimeEmulator:
    """An OpenAI Realtime server in this process.

    ``async with RealtimeEmulator(mind=…, speech=…, hearing=…) as emulator`` serves at
    ``emulator.url`` until the block ends. Closing it does not close the hearing.

    Attributes:
        sessions: The sessions that are open, in the order in which they began.
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
        rate: float = 6.0,
        session_minutes: float = 60.0,
        observer: Observer | None = None,
        call_later: CallLater | None = None,
        azure_deployments: Collection[str] = (),
    ) -> None:
        """Makes a server that does not serve yet.

        Args:
            mind: Thinks.
            speech: Speaks.
            hearing: Hears.
            hints: What can be heard; by default what the session's tools name.
            host: To listen on.
            port: To listen on; 0 is a free one.
            rate: Times real time at which audio is sent.
            session_minutes: How long a session may last; the service's limit is 60.
            observer: Sees all events of all sessions.
            call_later: Schedules idle timeouts; by default the event loop's own.
            azure_deployments: Serves at ``/openai/v1/realtime`` as well, as an Azure resource with
                deployments of these names does.
        """
        self._activity = VoiceActivity()
        self._engine = Engine(
            mind=mind,
            speech=speech,
            hearing=hearing,
            hints=hints or HintSource(),
            activity=self._activity,
            rate=rate,
            lifetime_s=session_minutes * 60,
            observer=observer,
            call_later=call_later,
            azure_deployments=azure_deployments,
        )
        self._host, self._port = host, port
        self._server: Server | None = None
        self._faults: list[Fault] = []
        self._stranded: set[ServerConnection] = set()
        self._all_over = asyncio.Event()
        self._all_over.set()
        self.sessions: list[Session] = []

    async def all_over(self) -> None:
        """Waits until no session is open."""
        await self._all_over.wait()

    @property
    def url(self) -> str:
        """``ws://host:port/v1/realtime``, as ``OPENAI_REALTIME_URL`` takes it."""
        return f"ws://{self._host}:{self.port}{PATH}"

    @property
    def azure_url(self) -> str:
        """The same as an Azure resource serves it, at a path of its own."""
        return f"ws://{self._host}:{self.port}{azure.PATH}"

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._server is None:
            raise RuntimeError("the emulator does not serve yet: use `async with` or start()")
        return int(next(iter(self._server.sockets)).getsockname()[1])

    @property
    def faults(self) -> list[Fault]:
        """The faults that are armed for all sessions and have not gone off for the last time."""
        return [fault for fault in self._faults if not fault.spent]

    def arm(self, fault: Fault) -> Fault:
        """Arms a fault for all sessions, present and to come; due ones go off at once."""
        self._faults.append(fault)
        fault.begin(asyncio.get_running_loop().time())
        for session in list(self.sessions):
            session.faults.arm(fault)
            session.faults.commit_due()
        return fault

    def disarm(self) -> None:
        """Takes all faults back."""
        for fault in self._faults:
            for session in self.sessions:
                session.faults.disarm(fault)
        self._faults.clear()

    async def start(self) -> None:
        """Begins to serve."""
        self._server = await serve(
            self._serve,
            self._host,
            self._port,
            process_request=self._on_request,
            select_subprotocol=_select_subprotocol,
            compression=None,
            max_size=_MAX_FRAME,
            ping_interval=_PING_S,
            close_timeout=_CLOSE_S,
            server_header=None,
        )

    async def close(self) -> None:
        """Ends all sessions with close code 1001 and stops to serve."""
        if self._server is not None:
            for connection in self._stranded:
                connection.transport.abort()
            self._server.close()
            await self._server.wait_closed()
        self._activity.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _serve(self, connection: ServerConnection) -> None:
        request = connection.request
        if request is None:  # cannot be: handlers run after the handshake
            return
        query = parse_qs(urlsplit(request.path).query)
        is_azure = request.path.startswith(azure.PATH)
        try:
            model = query["model"][0] if is_azure else _admit(request.headers, query)
        except FatalError as error:
            await _reject(connection, error)
            return
        session = Session(connection, model, self._engine, is_azure=is_azure)
        for fault in (*self.faults, *(parse_fault(text) for text in query.get("fault", ()))):
            session.faults.arm(fault)
        self.sessions.append(session)
        self._all_over.clear()
        logger.info("{} begins with {}", session.id, model)
        try:
            await session.run()
        finally:
            self.sessions.remove(session)
            if not self.sessions:
                self._all_over.set()
            logger.info("{} is over", session.id)
        if session.outbox.silent:
            self._stranded.add(connection)
            await connection.wait_closed()
            self._stranded.discard(connection)

    def _on_request(self, connection: ServerConnection, request: Request) -> Response | None:
        path, _, query = request.path.partition("?")
        if path == PATH:
            return self._check_opening(connection, parse_qs(query))
        deployments = self._engine.azure_deployments
        if path == azure.PATH and deployments:
            if refused := azure.refusal(request.headers, parse_qs(query), deployments):
                return _json(*refused)
            return self._check_opening(connection, parse_qs(query))
        if path == "/faults":
            return self._control(request.method, parse_qs(query))
        if path == "/sessions" and request.method == "GET":
            return _json(HTTPStatus.OK, [session.id for session in self.sessions])
        return _json(HTTPStatus.NOT_FOUND, {"error": f"nothing at {path}"})

    def _check_opening(
        self, connection: ServerConnection, query: dict[str, list[str]]
    ) -> Response | None:
        try:
            for text in query.get("fault", ()):
                parse_fault(text)
        except FaultError as error:
            return _json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        now = asyncio.get_running_loop().time()
        for fault in self.faults:
            if fault.kind != "refuse" or fault.is_over(now):
                continue
            if fault.seconds is None:
                fault.used += 1
            if fault.code:
                return _json(HTTPStatus(fault.code), {"error": "refused by a fault"})
            connection.transport.abort()
        return None

    def _control(self, method: str, query: dict[str, list[str]]) -> Response:
        """``GET`` lists, ``POST ?kind=…&…`` arms (``session`` for one only), ``DELETE`` clears."""
        given = {name: values[-1] for name, values in query.items()}
        try:
            match method:
                case "POST":
                    self._arm_from(given)
                case "DELETE":
                    self.disarm()
                case "GET":
                    pass
                case _:
                    return _json(HTTPStatus.METHOD_NOT_ALLOWED, {"error": f"no {method} here"})
        except (FaultError, LookupError) as error:
            return _json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        return _json(HTTPStatus.OK, {"faults": self.faults})

    def _arm_from(self, given: dict[str, str]) -> None:
        session_id = given.pop("session", None)
        fault = fault_from(given)
        if session_id is None:
            self.arm(fault)
            return
        session = next((s for s in self.sessions if s.id == session_id), None)
        if session is None:
            raise LookupError(f"no session {session_id}")
        session.faults.arm(fault)
        session.faults.commit_due()


def _admit(headers: Headers, query: dict[str, list[str]]) -> str:
    """The model of a client that may come in; raises what the service says to the others."""
    if not _key(headers):
        raise errors.missing_key()
    if "OpenAI-Beta" in headers:
        raise errors.beta_header()
    model = query.get("model", [""])[0]
    if not model:
        raise errors.missing_model()
    if not model.startswith("gpt-realtime"):
        raise errors.invalid_model(model)
    return model


def _key(headers: Headers) -> str:
    """The API key, from the ``Authorization`` header or a browser's subprotocol."""
    scheme, _, key = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip()
    offered = headers.get("Sec-WebSocket-Protocol", "").split(",")
    keys = [name.strip().removeprefix(_KEY_PROTOCOL) for name in offered if _KEY_PROTOCOL in name]
    return keys[0] if keys else ""


def _select_subprotocol(
    connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    return _PROTOCOL if _PROTOCOL in offered else None


async def _reject(connection: ServerConnection, error: FatalError) -> None:
    event = {"event_id": new_id("event"), **error.to_event()}
    with contextlib.suppress(ConnectionError):
        await connection.send(orjson.dumps(event).decode())
        await connection.close(error.close_code, error.close_reason)


def _json(status: HTTPStatus, body: object) -> Response:
    content = orjson.dumps(body)
    headers = Headers(
        {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Connection": "close",
        }
    )
    return Response(status.value, status.phrase, headers, content)
