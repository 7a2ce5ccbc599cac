"""One client's session: client events in, server events out."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from loguru import logger
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from emulators.hearing import Hearing
from emulators.realtime import azure, errors, protocol
from emulators.realtime.conversation import Conversation, Item, ItemAudio, given_audio, new_item
from emulators.realtime.errors import FatalError, RealtimeError
from emulators.realtime.hints import HintSource
from emulators.realtime.idle import CallLater, IdleTimer
from emulators.realtime.ids import new_id
from emulators.realtime.input_audio import InputAudio, SpeechStarted, SpeechStopped
from emulators.realtime.mind import Mind
from emulators.realtime.misbehaviour import Misbehaviour
from emulators.realtime.outbox import Outbox
from emulators.realtime.remote_tools import RemoteTools
from emulators.realtime.responses import Response, Responses
from emulators.realtime.settings import SessionSettings
from emulators.realtime.transcription import Transcriber
from emulators.realtime.vad import VoiceActivity
from emulators.speech import Speech

_RATE_LIMITS = [
    {"name": "tokens", "limit": 15_000_000, "remaining": 14_999_716, "reset_seconds": 0.001}
]


class Observer(Protocol):
    """Sees every event of every session, for tests and benchmarks."""

    def __call__(self, session: "Session", direction: str, event: dict[str, Any]) -> None:
        """Called with an event that was received (``in``) or is being sent (``out``)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What all sessions of a server share.

    Attributes:
        mind: Thinks.
        speech: Speaks.
        hearing: Hears.
        hints: What can be heard.
        activity: Finds speech.
        rate: Times real time at which audio is sent.
        lifetime_s: Of a session.
        observer: Sees all events.
        call_later: Schedules idle timeouts; ``None`` is the event loop's own.
    """

    mind: Mind
    speech: Speech
    hearing: Hearing
    hints: HintSource
    activity: VoiceActivity
    rate: float
    lifetime_s: float
    observer: Observer | None = None
    call_later: CallLater | None = None
    azure_deployments: Collection[str] = ()


class Session:
    """One connection's session, from ``session.created`` to the end of the socket."""

    def __init__(
        self, connection: ServerConnection, model: str, engine: Engine, *, is_azure: bool = False
    ) -> None:
        self.engine = engine
        self._is_azure = is_azure
        self.settings = SessionSettings(model, engine.lifetime_s)
        self.conversation = Conversation()
        self.responses = Responses(self)
        self.outbox = Outbox(connection)
        self.faults = Misbehaviour(self)
        self.voice_locked = False
        self._connection = connection
        self._input = InputAudio(engine.activity)
        self._transcriber = Transcriber(engine.hearing, self.send)
        self._remote_tools = RemoteTools(self.send, self.add_item, self.item_done)
        self._idle = IdleTimer(lambda: self.input_ms, self._idle_timeout, engine.call_later)

    @property
    def id(self) -> str:
        """``sess_…``."""
        return str(self.settings.wire["id"])

    @property
    def input_ms(self) -> int:
        """How much of the caller's audio has come so far."""
        return self._input.written_ms

    async def run(self) -> None:
        """Serves the client until the socket closes or is silenced; leaves nothing behind."""
        writer = asyncio.create_task(self.outbox.run(), name=f"writer of {self.id}")
        reader = asyncio.create_task(self._read(), name=f"reader of {self.id}")
        loop = asyncio.get_running_loop()
        lifetime = loop.call_later(self.engine.lifetime_s, self.expire)
        try:
            self._configure_input()
            self.send({"type": "session.created", "session": self.settings.snapshot()})
            self.faults.commit_due()
            await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
            if self.outbox.ending:
                await writer
        finally:
            lifetime.cancel()
            self.stop()
            writer.cancel()
            reader.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)

    def stop(self) -> None:
        """Ends everything that goes on in the session, without a word."""
        self._idle.stop()
        self.responses.stop()
        self._transcriber.stop()

    def send(self, event: dict[str, Any]) -> None:
        """Queues a server event; events leave in the order of these calls."""
        if self.outbox.ending:
            return
        event = {"type": event["type"], "event_id": new_id("event"), **event}
        if self.engine.observer is not None:
            self.engine.observer(self, "out", event)
        self.outbox.put(event)
        self.faults.after(event)

    def send_rate_limits(self) -> None:
        """The limits at the beginning of a response: so high that nobody meets them."""
        self.send({"type": "rate_limits.updated", "rate_limits": _RATE_LIMITS})

    def expire(self) -> None:
        """The session reached its longest duration: an error, then close code 1001."""
        self.fail(errors.session_expired(self.engine.lifetime_s / 60))

    def fail(self, error: FatalError) -> None:
        """Tells a fatal error and closes."""
        self.send(error.to_event())
        self.outbox.close(error.close_code, error.close_reason)
        self.stop()

    def fail_response(self, response_id: str, message: str, code: str) -> None:
        """Fails an active response (a fault)."""
        response = self.responses.active.get(response_id)
        if response is not None:
            response.fail(message, code, "server_error")

    def audio_rate(self) -> float:
        """Times real time at which audio is sent at the moment."""
        return self.engine.rate / self.faults.slowness()

    # What responses tell

    def add_item(self, item: Item, previous_item_id: str | None = None) -> None:
        """Puts an item into the conversation and tells it."""
        before = self.conversation.insert(item, previous_item_id)
        self.send(
            {
                "type": "conversation.item.added",
                "previous_item_id": before,
                "item": item.snapshot(),
            }
        )

    def item_done(self, item: Item) -> None:
        """Tells that an item is final."""
        self.send(
            {
                "type": "conversation.item.done",
                "previous_item_id": self.conversation.before(item),
                "item": item.snapshot(),
            }
        )

    def response_done(self, response: Response) -> None:
        """A response ended; from now on the caller may be idle for so long."""
        self.responses.done(response)
        timeout_ms = (self.settings.turn_detection or {}).get("idle_timeout_ms")
        if timeout_ms and response.settings.in_conversation and not self._input.speaking:
            self._idle.start(response.audio_ms, timeout_ms)

    # Client events

    async def _read(self) -> None:
        try:
            async for message in self._connection:
                if self.outbox.ending:
                    return
                if delay_s := self.faults.reading_s(len(message)):
                    await asyncio.sleep(delay_s)
                await self._receive(message)
        except ConnectionClosed:
            logger.debug("{}: the connection was lost", self.id)
        except Exception as failure:
            logger.opt(exception=failure).error("{} failed", self.id)
            self.fail(errors.server_error())

    async def _receive(self, message: str | bytes) -> None:
        event: dict[str, Any] = {}
        try:
            event = protocol.parse(message)
            if self.engine.observer is not None:
                self.engine.observer(self, "in", event)
            protocol.validate(event)
            await self._dispatch(event)
        except RealtimeError as error:
            event_id = event.get("event_id")
            self.send(error.to_event(event_id if isinstance(event_id, str) else None))

    async def _dispatch(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "session.update":
                self._update(event["session"])
            case "input_audio_buffer.append":
                async for edge in self._input.append(event["audio"]):
                    self._on_speech(edge)
            case "input_audio_buffer.commit":
                self._commit(*self._input.commit())
            case "input_audio_buffer.clear":
                self._input.clear()
                self.send({"type": "input_audio_buffer.cleared"})
            case "conversation.item.create":
                self._create_item(event["item"], event.get("previous_item_id"))
            case "conversation.item.truncate":
                self._truncate(event)
            case "conversation.item.delete":
                self.conversation.delete(event["item_id"])
                self.send({"type": "conversation.item.deleted", "item_id": event["item_id"]})
            case "conversation.item.retrieve":
                self._retrieve(event["item_id"])
            case "response.create":
                self._idle.stop()
                self.responses.create(event.get("response"))
            case "response.cancel":
                self.responses.cancel(event.get("response_id"))

    def _update(self, change: dict[str, Any]) -> None:
        if self._is_azure:
            azure.check_update(change, self.engine.azure_deployments)
        self.settings.update(change, voice_locked=self.voice_locked)
        self._configure_input()
        self.send({"type": "session.updated", "session": self.settings.snapshot()})
        self._remote_tools.configure(self.settings.tools)

    def _configure_input(self) -> None:
        self._input.configure(self.settings.input_format, self.settings.turn_detection)

    def _on_speech(self, edge: SpeechStarted | SpeechStopped) -> None:
        turns = self.settings.turn_detection or {}
        kind = "started" if isinstance(edge, SpeechStarted) else "stopped"
        event = {"type": f"input_audio_buffer.speech_{kind}", "item_id": edge.item_id}
        if isinstance(edge, SpeechStarted):
            self._idle.stop()
            self.send({**event, "audio_start_ms": edge.audio_start_ms})
            speaking = self.responses.in_conversation
            if speaking is not None and turns.get("interrupt_response"):
                speaking.cancel("turn_detected")
            return
        self.send({**event, "audio_end_ms": edge.audio_end_ms})
        self._commit(edge.item_id, edge.audio)
        if turns.get("create_response"):
            self._respond()

    def _idle_timeout(self, start_ms: int) -> None:
        item_id, end_ms = new_id("item"), self.input_ms
        self.send(
            {
                "type": "input_audio_buffer.timeout_triggered",
                "item_id": item_id,
                "audio_start_ms": start_ms,
                "audio_end_ms": end_ms,
            }
        )
        self._commit(item_id, self._input.take_silence(start_ms))
        self._respond()

    def _respond(self) -> None:
        """Answers by the server's own decision; fails aloud when a response is active."""
        try:
            self.responses.create()
        except RealtimeError as error:
            self.send(error.to_event())

    def _commit(self, item_id: str, audio: ItemAudio) -> None:
        self.send(
            {
                "type": "input_audio_buffer.committed",
                "previous_item_id": self.conversation.last_id,
                "item_id": item_id,
            }
        )
        content = [{"type": "input_audio", "transcript": None}]
        item = new_item({"id": item_id, "type": "message", "role": "user", "content": content})
        item.audio[0] = audio
        self.add_item(item)
        self.item_done(item)
        self._hear(item, 0)

    def _create_item(self, given: dict[str, Any], previous_item_id: str | None) -> None:
        item = new_item(given)
        self.read_audio(item, "item")
        self.add_item(item, previous_item_id)
        self.item_done(item)

    def read_audio(self, item: Item, path: str) -> None:
        """Takes the audio out of an item that a client sent, and hears it where need be."""
        for index, part in enumerate(item.wire.get("content", ())):
            if part["type"] == "input_audio":
                where = f"{path}.content[{index}].audio"
                item.audio[index] = given_audio(part, self.settings.input_format, where)
                if part.setdefault("transcript", None) is None:
                    self._hear(item, index)

    def _hear(self, item: Item, index: int) -> None:
        hints = self.engine.hints.for_session(self.settings.instructions, self.settings.tools)
        self._transcriber.hear(item, index, hints, self.settings.transcription)

    def _truncate(self, event: dict[str, Any]) -> None:
        self.faults.check_truncate()
        place = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self.conversation.truncate(**place)
        self.send({"type": "conversation.item.truncated", **place})

    def _retrieve(self, item_id: str) -> None:
        item = self.conversation.get(item_id, "retrieving", "item_retrieve_invalid_item_id")
        self.send({"type": "conversation.item.retrieved", "item": item.snapshot(with_audio=True)})
