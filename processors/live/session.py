"""One session of the Live API: started, read until it ends, written to in the meantime."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

import orjson
from loguru import logger
from pipecat.services.openai.live import events

from agents.team import Agent
from processors.live.wording import backend_instructions, live_instructions, pieces
from processors.realtime.audio import AudioFormat
from processors.realtime.connection import (
    Connection,
    ConnectionLostError,
    open_connection,
)
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import function
from processors.realtime.session import SessionError
from processors.tools import Tool

APPEND_AUDIO = "session.input_audio.append"
START_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
"""The server may drain for 10 s; by then nobody is interested in what comes."""

_PERMANENT = frozenset(
    {"invalid_api_key", "model_not_found", "insufficient_quota", "credit_balance_exhausted"}
)

Channel = Literal["instructions", "thinking", "commentary"]


class LiveSessionError(SessionError):
    """A session could not be started; ``is_permanent`` when another attempt is pointless."""


async def open_live(endpoint: Endpoint) -> Connection:
    """Connects; the model is named by the start. Raises `ConnectError`."""
    return await open_connection(endpoint, endpoint.url, APPEND_AUDIO)


class LiveSession:
    """Reports each event to ``on_event``, and its end, once, to ``on_lost``.

    Attributes:
        agent: Who speaks in it.
        tools: What its backend may call, by name.
        expires_at: Its end in Unix time; None before the start.
        id: The server's name for it; empty before the start.
        billed_s: How much of its time is in the call's events.
    """

    def __init__(
        self,
        connection: Connection,
        agent: Agent,
        tools: Sequence[Tool],
        on_event: Callable[["LiveSession", events.ServerEvent], Awaitable[None]],
        on_lost: Callable[["LiveSession", str], None],
    ) -> None:
        self.agent = agent
        self.tools: Mapping[str, Tool] = {tool.name: tool for tool in tools}
        self.expires_at: int | None = None
        self.is_over = False
        self.id = ""
        self.billed_s = 0.0
        self._connection = connection
        self._on_event = on_event
        self._on_lost = on_lost
        self._reading: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()
        self._heard_at: float | None = None

    async def start(
        self,
        *,
        model: str,
        backend_model: str,
        audio_format: AudioFormat,
        history: Sequence[dict[str, object]],
    ) -> None:
        """Starts it, and reads from then on.

        Raises:
            LiveSessionError: It was refused, or nothing came, or the connection was lost.
        """
        responses: dict[str, Any] = {
            "model": backend_model,
            "instructions": backend_instructions(self.agent),
        }
        if self.tools:
            responses["tools"] = [function(tool) for tool in self.tools.values()]
        config = events.SessionConfig(
            model=model,
            instructions=live_instructions(self.agent),
            audio=events.AudioConfig(
                output=events.AudioOutputConfig(voice=self.agent.voice),
                format=events.AudioFormat.model_validate(
                    {"type": audio_format.type, "rate": audio_format.sample_rate}
                ),
            ),
            delegation=events.ResponsesDelegationConfig(responses=responses),
            input=[events.InputItem.model_validate(item) for item in history] or None,
        )
        self._send(events.SessionStartEvent(session=config))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._started()
        except TimeoutError:
            raise LiveSessionError(f"no session within {START_TIMEOUT_S:g} s") from None
        except ConnectionLostError as error:
            raise LiveSessionError(str(error), is_permanent=error.is_permanent) from error
        self._reading = asyncio.create_task(self._read(), name=f"live-{self.agent.name}")

    @property
    def dropped_audio(self) -> int:
        """Messages of the caller's audio that were dropped because the line was too slow."""
        return self._connection.dropped_audio

    @property
    def quiet_s(self) -> float:
        """How long the server has sent nothing, on a line that is being read."""
        if self._heard_at is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._heard_at

    async def probe(self) -> bool:
        """Makes sure that the server is still there; one that isn't is a loss, and False."""
        is_there = await self._connection.probe()
        if is_there and self._heard_at is not None:
            self._heard_at = asyncio.get_running_loop().time()
        return is_there

    def append_audio(self, payload: str) -> None:
        """The caller's audio, in the session's format."""
        self._connection.send_audio(payload)

    def tell(self, channel: Channel, text: str) -> None:
        """Words to follow (``instructions``), to think of, or to say (``commentary``)."""
        kinds = {
            "instructions": events.SessionInstructionsAppendEvent,
            "thinking": events.SessionThinkingAppendEvent,
            "commentary": events.SessionCommentaryAppendEvent,
        }
        for piece in pieces(text):
            self._send(kinds[channel](delegation_id=None, content=piece))

    def answer(self, call_id: str, output: str) -> None:
        """The output of a function call."""
        item = events.FunctionCallOutputItem(call_id=call_id, output=output)
        self._send(events.ResponseItemCreateEvent(item=item))

    def go_on(self) -> None:
        """The backend has all outputs and may go on."""
        self._send(events.ResponseCreateEvent())

    async def close(self) -> None:
        """Ends the session, politely where it still answers."""
        is_open = self._reading is not None and not self.is_over
        self.is_over = True
        if is_open:
            self._send(events.SessionCloseEvent())
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await self._closed.wait()
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._connection.close()

    def _send(self, event: events.ClientEvent) -> None:
        self._connection.send(event.to_payload())

    async def _started(self) -> None:
        while True:
            match await self._next():
                case events.SessionStartedEvent(session=session):
                    self.expires_at, self.id = session.expires_at, session.id or ""
                    return
                case events.ErrorEvent(error=error):
                    raise LiveSessionError(
                        f"{error.code or error.type}: {error.message}",
                        is_permanent=error.code in _PERMANENT,
                    )

    async def _next(self) -> events.ServerEvent:
        """The next event that can be understood."""
        while True:
            received = await self._connection.receive()
            try:
                # Five a second: reading them twice costs nothing worth mentioning.
                return events.parse_server_event(orjson.dumps(received))
            except ValueError as error:
                logger.warning("skipped a Live event: {}", error)

    async def _read(self) -> None:
        why = "the session was closed"
        try:
            while True:
                self._heard_at = asyncio.get_running_loop().time()
                event = await self._next()
                self._heard_at = None
                if isinstance(event, events.SessionClosedEvent):
                    await self._on_event(self, event)
                    why = f"the server ended the session: {event.reason}"
                    break
                if not self.is_over:
                    await self._on_event(self, event)
        except ConnectionLostError as error:
            why = str(error)
        finally:
            self._closed.set()
        if not self.is_over:
            self.is_over = True
            self._on_lost(self, why)
