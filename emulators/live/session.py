"""One client's session: it listens and speaks at the same time, and nobody else takes turns."""

import asyncio
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from loguru import logger
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from emulators.hearing import Hearing
from emulators.live import events
from emulators.live.backend import Backend
from emulators.live.errors import LiveError
from emulators.live.voice import FRAME_MS, Voice
from emulators.realtime.errors import RealtimeError
from emulators.realtime.formats import audio_format
from emulators.realtime.hints import HintSource
from emulators.realtime.ids import new_id
from emulators.realtime.input_audio import InputAudio, SpeechStarted, SpeechStopped
from emulators.realtime.mind import Call, Mind, Prompt, Say
from emulators.realtime.vad import VoiceActivity
from emulators.speech import Speech

_TURNS = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
}
_USAGE_EVERY_MS = 15_000
_CLOSE_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What all sessions of a server share."""

    mind: Mind
    speech: Speech
    hearing: Hearing
    hints: HintSource
    activity: VoiceActivity
    lifetime_s: float


class Session:
    """From its start to the end of the socket.

    Attributes:
        id: ``live_…``.
        config: As the client started it.
        received: Every client event but audio, for tests.
    """

    def __init__(
        self, connection: ServerConnection, config: events.Session, engine: Engine
    ) -> None:
        self.id = new_id("live")
        self.config = config
        self.received: list[dict[str, Any]] = []
        self._connection = connection
        self._engine = engine
        self._format = audio_format(config.audio.format.model_dump())
        self._voice = Voice(engine.speech, config.audio.output.voice, self._format)
        self._backend = Backend()
        self._input = InputAudio(engine.activity)
        self._input.configure(self._format, dict(_TURNS))
        self._items = [
            {**each.model_dump(), "role": "system" if each.role == "developer" else each.role}
            for each in config.input
        ]
        self._unapplied: list[tuple[str, str | None]] = []
        self._thinking: asyncio.Task[None] | None = None
        self._hearing: set[asyncio.Task[None]] = set()
        self._sent_ms = 0
        self._words: list[str] = []

    async def run(self) -> None:
        """Serves the client until the socket closes."""
        try:
            await self._send({"type": "session.started", "session": self._resource()})
            async with asyncio.timeout(self._engine.lifetime_s):
                await self._serve()
        except TimeoutError:
            with suppress(ConnectionClosed):
                await self._end("expired")
        except ConnectionClosed:
            pass
        finally:
            tasks = [*self._hearing, *([self._thinking] if self._thinking else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drop(self, code: int = 1011) -> None:
        """Loses the connection, for tests."""
        await self._connection.close(code)

    async def _serve(self) -> None:
        while True:
            event_id = None
            try:
                given = events.read(await self._connection.recv())
                event_id = given.get("event_id")
                event = events.parse(given)
                if not isinstance(event, events.AppendAudio):
                    self.received.append(given)
                if isinstance(event, events.Close):
                    await self._close()
                    return
                await self._take(event)
            except RealtimeError as error:
                code = error.code or "invalid_value"
                refused = LiveError(error.message, code=code, param=error.param)
                await self._send(refused.to_event(event_id))
            except LiveError as error:
                await self._send(error.to_event(event_id))

    async def _take(self, event: events.ClientEvent) -> None:
        match event:
            case events.Start():
                raise LiveError("The session has been started.", code="session_already_started")
            case events.AppendAudio():
                await self._hear(event.audio)
            case events.AppendContext():
                self._append(event)
            case events.CreateItem():
                self._require_backend(event.type)
                self._backend.answered(event.item.call_id)
                self._items.append(event.item.model_dump())
            case events.CreateResponse():
                self._require_backend(event.type)
                self._backend.go_on()
                self._think()

    def _resource(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "expires_at": int(time.time() + self._engine.lifetime_s),
            "status": "active",
            **self.config.model_dump(exclude_none=True),
        }

    def _append(self, event: events.AppendContext) -> None:
        if event.delegation_id is not None and self.config.backend:
            raise LiveError(
                "delegation_id must be null with Responses delegation.",
                code="invalid_value",
                param="delegation_id",
            )
        if events.tokens(event.content) > events.MAX_APPEND_TOKENS:
            raise LiveError(
                f"content has more than {events.MAX_APPEND_TOKENS} tokens.",
                code="string_above_max_length",
                param="content",
            )
        kind = event.type.removesuffix(".append")
        self._unapplied.append((kind, event.event_id))
        if kind == "session.commentary":
            self._think(event.content)
            return
        self._items.append(
            {
                "type": "message",
                "role": "system",
                "content": [{"type": "input_text", "text": event.content}],
            }
        )

    def _require_backend(self, kind: str) -> None:
        if self.config.backend is None:
            raise LiveError(f"{kind} requires Responses delegation.", code="invalid_request")

    async def _hear(self, encoded: str) -> None:
        async for edge in self._input.append(encoded):
            if isinstance(edge, SpeechStarted):
                # Full duplex: it is the model that stops, and nobody tells it to.
                self._voice.stop()
                self._conclude_words()
            else:
                task = asyncio.create_task(self._understand(edge))
                self._hearing.add(task)
                task.add_done_callback(self._hearing.discard)
        while self._sent_ms + FRAME_MS <= self._input.written_ms:
            await self._speak_on()

    async def _speak_on(self) -> None:
        """Sends what belongs to the stretch of time that the caller's audio has opened."""
        for kind, client_event_id in self._unapplied:
            told: dict[str, Any] = {"type": f"{kind}.appended"}
            if client_event_id:
                told["client_event_id"] = client_event_id
            await self._send({**told, "start_ms": self._sent_ms, "end_ms": self._sent_ms})
        self._unapplied.clear()
        was_speaking = self._voice.is_speaking
        frame = self._voice.frame()
        start, self._sent_ms = self._sent_ms, self._sent_ms + FRAME_MS
        wire = self._format.encode(frame.pcm)
        await self._send(
            {"type": "session.output_audio.delta", "delta": b64encode(wire).decode("ascii")}
        )
        if frame.words:
            delta = f" {frame.words}" if self._words else frame.words
            self._words.append(frame.words)
            await self._fragment("output", delta, start)
        if was_speaking and not self._voice.is_speaking:
            self._conclude_words()
        if self._sent_ms % _USAGE_EVERY_MS < FRAME_MS:
            await self._send({"type": "session.usage.updated", "usage": self._usage()})

    async def _fragment(self, side: str, delta: str, start_ms: int) -> None:
        where = {"start_ms": start_ms, "end_ms": start_ms + FRAME_MS}
        await self._send({"type": f"session.{side}_transcript.delta", "delta": delta, **where})

    def _conclude_words(self) -> None:
        """What was said by now is in the conversation."""
        if self._words:
            part = {"type": "output_text", "text": " ".join(self._words)}
            self._items.append({"type": "message", "role": "assistant", "content": [part]})
            self._words.clear()

    async def _understand(self, edge: SpeechStopped) -> None:
        config = self.config
        tools = [tool.model_dump() for tool in config.backend.tools] if config.backend else []
        hints = self._engine.hints.for_session(config.instructions, tools)
        pcm = self._format.decode(bytes(edge.audio.data))
        text = await self._engine.hearing.transcribe(
            pcm, sample_rate=self._format.sample_rate, hints=hints
        )
        if not text:
            return
        words = text.split()
        for index in range(0, len(words), 2):
            delta = " ".join(words[index : index + 2])
            await self._fragment("input", f" {delta}" if index else delta, self._sent_ms)
        part = {"type": "input_text", "text": text}
        self._items.append({"type": "message", "role": "user", "content": [part]})
        if not self._backend.is_waiting:
            self._think()

    def _think(self, told: str | None = None) -> None:
        """Has the mind go on, after what it is at; ``told`` is a commentary."""
        before = self._thinking
        self._thinking = asyncio.create_task(self._respond(before, told))

    async def _respond(self, before: "asyncio.Task[None] | None", told: str | None) -> None:
        if before:
            with suppress(Exception):
                await before
        try:
            await self._act(told)
        except (ConnectionClosed, asyncio.CancelledError):
            raise
        except Exception as failure:
            logger.opt(exception=failure).error("the mind of {} failed", self.id)

    async def _act(self, told: str | None) -> None:
        config = self.config
        backend = config.backend
        prompt = Prompt(
            instructions=told or config.instructions,
            session_instructions=config.instructions,
            tools=[tool.model_dump() for tool in backend.tools] if backend else [],
            tool_choice=backend.tool_choice if backend else "none",
            items=list(self._items),
            metadata={},
        )
        calls = False
        async for action in self._engine.mind.respond(prompt):
            if isinstance(action, Say):
                await self._voice.say(action.text)
            elif isinstance(action, Call):
                calls = True
                await self._call(action)
        for event in self._backend.done():
            await self._send(event)
        if not calls:
            self._backend.settle()

    async def _call(self, action: Call) -> None:
        for event in self._backend.begin(self._sent_ms):
            await self._send(event)
        item = {
            "id": new_id("fc"),
            "type": "function_call",
            "status": "completed",
            "call_id": new_id("call"),
            "name": action.name,
            "arguments": orjson.dumps(action.arguments).decode(),
        }
        self._items.append(item)
        await self._send(self._backend.made(item))

    async def _close(self) -> None:
        if self._thinking:
            # What is under way is drained, but not for ever.
            await asyncio.wait((self._thinking,), timeout=_CLOSE_TIMEOUT_S)
        await self._end("close_requested")

    async def _end(self, reason: str) -> None:
        await self._send(
            {
                "type": "session.closed",
                "reason": reason,
                "session": self._resource(),
                "usage": self._usage(),
            }
        )
        await self._connection.close()

    def _usage(self) -> dict[str, float]:
        return {"seconds": self._sent_ms // 1000}

    async def _send(self, event: dict[str, Any]) -> None:
        event = {"type": event["type"], "event_id": new_id("event"), **event}
        await self._connection.send(orjson.dumps(event).decode())
