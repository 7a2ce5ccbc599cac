"""Responses, from ``response.create`` to ``response.done``.

One at a time writes to the conversation; any number runs beside it, out of band.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from loguru import logger

from emulators.realtime import errors
from emulators.realtime.conversation import Item, new_item
from emulators.realtime.formats import AudioFormat, audio_format
from emulators.realtime.ids import new_id
from emulators.realtime.mind import ApprovalRequest, Call, Prompt, RemoteCall, Say
from emulators.realtime.output import (
    Budget,
    CallOutput,
    MessageOutput,
    OutOfTokensError,
    Voicing,
)
from emulators.realtime.remote_output import ApprovalOutput, Output, RemoteCallOutput
from emulators.realtime.usage import Tokens, prompt_tokens, response_usage

if TYPE_CHECKING:
    from emulators.realtime.session import Session

CancelReason = Literal["turn_detected", "client_cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSettings:
    """A response's parameters: its own where given, else the session's."""

    instructions: str
    tools: Sequence[dict[str, Any]]
    tool_choice: str | dict[str, Any]
    modalities: list[str]
    voice: str
    speed: float
    format: AudioFormat
    max_output_tokens: int | Literal["inf"]
    metadata: dict[str, str] | None
    in_conversation: bool


class Response:
    """One response, from its creation on."""

    def __init__(self, session: "Session", settings: ResponseSettings, items: list[Item]) -> None:
        self.id = new_id("resp")
        self.settings = settings
        self._session = session
        self._items = items
        limit = settings.max_output_tokens
        self._budget = Budget(None if limit == "inf" else limit)
        self._status = "in_progress"
        self._details: dict[str, Any] | None = None
        self._usage: dict[str, Any] | None = None
        self._output: list[Item] = []
        self._open: Output | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        """Not done yet."""
        return self._status == "in_progress"

    @property
    def audio_ms(self) -> float:
        """How long its audio plays."""
        return sum(audio.duration_ms for item in self._output for audio in item.audio.values())

    def start(self) -> None:
        """Announces the response and generates it in a task of its own."""
        self._session.send({"type": "response.created", "response": self.snapshot()})
        self._session.send_rate_limits()
        self._task = asyncio.create_task(self._run(), name=f"response {self.id}")

    def cancel(self, reason: CancelReason) -> None:
        """Ends it at once: everything that still has to be said is said before this returns."""
        self._finish("cancelled", {"type": "cancelled", "reason": reason})
        self.stop()

    def fail(self, message: str, code: str, kind: str) -> None:
        """Ends it at once with an error of the server's."""
        error = {"type": kind, "code": code, "message": message}
        self._finish("failed", {"type": "failed", "error": error})
        self.stop()

    def stop(self) -> None:
        """Ends the task without a word, for a session that is over."""
        if self._task is not None:
            self._task.cancel()

    def snapshot(self) -> dict[str, Any]:
        """The response object for an event."""
        settings = self.settings
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": self._status,
            "status_details": self._details,
            "output": [item.snapshot() for item in self._output],
            "conversation_id": (
                self._session.conversation.id if settings.in_conversation else None
            ),
            "output_modalities": settings.modalities,
            "max_output_tokens": settings.max_output_tokens,
            "audio": {"output": {"format": settings.format.to_wire(), "voice": settings.voice}},
            "usage": self._usage,
            "metadata": settings.metadata,
        }

    async def _run(self) -> None:
        try:
            await self._generate()
        except OutOfTokensError:
            self._finish("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
        except Exception as failure:
            logger.opt(exception=failure).warning("response {} failed", self.id)
            self.fail(f"The server had an error: {failure}", "server_error", "server_error")
        else:
            self._finish("completed", None)

    async def _generate(self) -> None:
        failure = self._session.faults.response_failure()
        if failure is not None:
            self.fail(*failure)
            return
        hearing = [task for item in self._items for task in item.hearing.values()]
        if hearing:
            await asyncio.wait(hearing)
        prompt = Prompt(
            instructions=self.settings.instructions,
            session_instructions=self._session.settings.instructions,
            tools=self.settings.tools,
            tool_choice=self.settings.tool_choice,
            items=[item.for_model() for item in self._items],
            metadata=self.settings.metadata or {},
            out_of_band=not self.settings.in_conversation,
        )
        async for action in self._session.engine.mind.respond(prompt):
            if isinstance(action, Say):
                await self._say(action)
            elif self.settings.tool_choice == "none":
                continue
            elif isinstance(action, Call):
                await self._call(action)
            else:
                await self._remote(action)
        self._close("completed")

    async def _say(self, action: Say) -> None:
        message = self._open
        if not isinstance(message, MessageOutput):
            self._close("completed")
            voicing = self._voicing() if self.settings.modalities == ["audio"] else None
            message = MessageOutput(
                self._emitter(), self._budget, self._session.outbox.room, voicing
            )
            self._begin(message)
        await message.say(action.text)

    async def _call(self, action: Call) -> None:
        self._close("completed")
        broken = self._session.faults.breaks_arguments()
        call = CallOutput(self._emitter(), self._budget, action, broken=broken)
        self._begin(call)
        await call.send()
        self._close("completed")

    async def _remote(self, action: RemoteCall | ApprovalRequest) -> None:
        self._close("completed")
        if isinstance(action, ApprovalRequest):
            self._begin(ApprovalOutput(self._budget, action))
        else:
            call = RemoteCallOutput(self._emitter(), self._budget, action)
            self._begin(call)
            await call.send()
        self._close("completed")

    def _voicing(self) -> Voicing:
        return Voicing(
            speech=self._session.engine.speech,
            voice=self.settings.voice,
            speed=self.settings.speed,
            format=self.settings.format,
            rate=self._session.audio_rate,
        )

    def _emitter(self) -> Any:
        return partial(self._emit, len(self._output))

    def _emit(self, output_index: int, kind: str, **fields: Any) -> None:
        item_id = self._output[output_index].id
        # The events about the course of an MCP call do not name their response.
        where = {} if kind.startswith("response.mcp_call.") else {"response_id": self.id}
        self._session.send(
            {
                "type": kind,
                **where,
                "item_id": item_id,
                "output_index": output_index,
                **fields,
            }
        )
        if kind == "response.output_audio.delta" and self.settings.in_conversation:
            self._session.voice_locked = True

    def _begin(self, output: Output) -> None:
        self._output.append(output.item)
        self._open = output
        self._item_event("response.output_item.added", output.item)
        if self.settings.in_conversation:
            self._session.add_item(output.item)

    def _close(self, status: str) -> None:
        if self._open is None:
            return
        output, self._open = self._open, None
        output.close(status)
        self._item_event("response.output_item.done", output.item)
        if self.settings.in_conversation:
            self._session.item_done(output.item)

    def _item_event(self, kind: str, item: Item) -> None:
        self._session.send(
            {
                "type": kind,
                "response_id": self.id,
                "output_index": self._output.index(item),
                "item": item.snapshot(),
            }
        )

    def _finish(self, status: str, details: dict[str, Any] | None) -> None:
        if not self.active:
            return
        interrupted = self._open
        self._close("incomplete")
        self._status, self._details = status, details
        read = prompt_tokens(self.settings.instructions, self.settings.tools, self._items)
        self._usage = response_usage(read, self._session.responses.cached(read), self._budget.spent)
        self._session.send({"type": "response.done", "response": self.snapshot()})
        if status == "cancelled" and isinstance(interrupted, MessageOutput):
            self._session.faults.after_cancellation(interrupted)
        self._session.response_done(self)


class Responses:
    """A session's responses: at most one that writes to the conversation."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._previous = Tokens()
        self.active: dict[str, Response] = {}

    @property
    def in_conversation(self) -> Response | None:
        """The active response that writes to the conversation."""
        return next((r for r in self.active.values() if r.settings.in_conversation), None)

    def create(self, given: dict[str, Any] | None = None) -> Response:
        """Starts a response with a client's (validated) parameters, or the session's own.

        Raises:
            RealtimeError: A second response for the conversation, an unknown item reference, or
                another voice in a conversation that has audio.
        """
        given = {name: value for name, value in (given or {}).items() if value is not None}
        settings = self._settings(given)
        running = self.in_conversation
        if settings.in_conversation and running is not None:
            raise errors.active_response(running.id)
        locked = settings.in_conversation and self._session.voice_locked
        if locked and settings.voice != self._session.settings.voice:
            raise errors.cannot_update_voice()
        items = list(self._session.conversation.items)
        if "input" in given:
            items = [self._input_item(entry, i) for i, entry in enumerate(given["input"])]
        response = Response(self._session, settings, items)
        self.active[response.id] = response
        response.start()
        return response

    def cancel(self, response_id: str | None) -> None:
        """Cancels by id, or the one in the conversation; raises when it is not active."""
        response = self.active.get(response_id) if response_id else self.in_conversation
        if response is None:
            raise errors.cancel_not_active()
        response.cancel("client_cancelled")

    def done(self, response: Response) -> None:
        """Forgets a finished response."""
        self.active.pop(response.id, None)

    def stop(self) -> None:
        """Ends all tasks, for a session that is over."""
        for response in list(self.active.values()):
            response.stop()
        self.active.clear()

    def cached(self, read: Tokens) -> Tokens:
        """What of a prompt the previous one had too."""
        cached = read.cached_of(self._previous)
        self._previous = read
        return cached

    def _settings(self, given: dict[str, Any]) -> ResponseSettings:
        session = self._session.settings
        output = {
            name: value
            for name, value in ((given.get("audio") or {}).get("output") or {}).items()
            if value is not None
        }
        return ResponseSettings(
            instructions=given.get("instructions", session.instructions),
            tools=given.get("tools", session.tools),
            tool_choice=given.get("tool_choice", session.wire["tool_choice"]),
            modalities=given.get("output_modalities", session.wire["output_modalities"]),
            voice=output.get("voice", session.voice),
            speed=session.speed,
            format=audio_format(output["format"]) if "format" in output else session.output_format,
            max_output_tokens=given.get("max_output_tokens", session.wire["max_output_tokens"]),
            metadata=given.get("metadata"),
            in_conversation=given.get("conversation", "auto") != "none",
        )

    def _input_item(self, entry: dict[str, Any], index: int) -> Item:
        known = self._session.conversation.find(entry["id"]) if entry.get("id") else None
        if entry["type"] == "item_reference":
            if known is None:
                code = "item_reference_invalid_item_id"
                raise errors.unknown_item("referencing", code, entry["id"])
            return known
        item = new_item(entry)
        self._session.read_audio(item, f"response.input[{index}]")
        return item
