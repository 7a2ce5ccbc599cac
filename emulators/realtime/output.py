"""The output items of a response: a message that is spoken or written, a function call.

Each emits its own events in the vendor's order. Audio goes out faster than real time, as the
service's does, at a settable rate.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from emulators.realtime.conversation import Item, ItemAudio
from emulators.realtime.formats import AudioFormat
from emulators.realtime.ids import new_id
from emulators.realtime.mind import Call
from emulators.realtime.usage import Tokens, assistant_audio_tokens, text_tokens
from emulators.speech import Speech

_FIRST_DELTA_MS = 100
_DELTA_MS = 200
_ARGUMENT_DELTA = 24
"""Characters of a function-call argument delta."""


class OutOfTokensError(Exception):
    """The response reached its ``max_output_tokens``."""


class Emit(Protocol):
    """Sends an event of the response; adds its ``response_id`` and the item's place."""

    def __call__(self, kind: str, **fields: Any) -> None:
        """Sends an event of type ``kind``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicing:
    """How a message is spoken.

    Attributes:
        speech: The voice box.
        voice: Its voice.
        speed: 0.25 to 1.5.
        format: Of the audio on the wire.
        rate: Times real time at which audio is sent; asked before each delta.
    """

    speech: Speech
    voice: str
    speed: float
    format: AudioFormat
    rate: Callable[[], float]


class Budget:
    """Counts output tokens against ``max_output_tokens``."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self.spent = Tokens()

    def spend(self, *, text: int = 0, audio: int = 0) -> None:
        """Raises :class:`OutOfTokensError` rather than exceed the limit."""
        if self._limit is not None and self.spent.total + text + audio > self._limit:
            raise OutOfTokensError
        self.spent.text += text
        self.spent.audio += audio


class MessageOutput:
    """The assistant's message: one content part, spoken or written."""

    def __init__(
        self,
        emit: Emit,
        budget: Budget,
        room: Callable[[], Awaitable[None]],
        voicing: Voicing | None,
    ) -> None:
        """Makes a message.

        Args:
            emit: Sends its events.
            budget: Of the response.
            room: Waits while the client has too much before it.
            voicing: ``None`` for a message that is written.
        """
        self._emit = emit
        self._budget = budget
        self._room = room
        self._voicing = voicing
        self._text = ""
        self._part_open = False
        self._sent_ms = 0.0
        self._started_at: float | None = None
        self.item = Item(
            {
                "id": new_id("item"),
                "type": "message",
                "status": "in_progress",
                "role": "assistant",
                "content": [],
            }
        )

    async def say(self, text: str) -> None:
        """Speaks or writes a stretch of text; raises :class:`OutOfTokensError`."""
        if not text.strip():
            return
        if self._text and not self._text[-1].isspace() and not text[0].isspace():
            text = f" {text}"
        self._open_part()
        if self._voicing is None:
            for piece in _words(text):
                self._budget.spend(text=text_tokens(piece))
                self._add_text(piece)
                await asyncio.sleep(0)
                await self._room()
        else:
            await self._speak(text, self._voicing)

    def close(self, status: str) -> None:
        """Ends the message: ``completed`` or ``incomplete``, with what was sent so far."""
        if self._part_open:
            where = {"content_index": 0}
            if self._voicing is not None:
                self._emit("response.output_audio.done", **where)
                self._emit("response.output_audio_transcript.done", transcript=self._text, **where)
                part = {"type": "audio", "transcript": self._text}
            else:
                self._emit("response.output_text.done", text=self._text, **where)
                part = {"type": "text", "text": self._text}
            self._emit("response.content_part.done", part=part, **where)
        self.item.wire["status"] = status

    def late_delta(self) -> None:
        """A delta that arrives after the end, as happens when a cancellation crosses it."""
        silence = b"\0" * (self._voicing.format.bytes_per_ms * 20) if self._voicing else b""
        kind = "response.output_audio.delta" if self._voicing else "response.output_text.delta"
        delta = b64encode(silence).decode() if self._voicing else " late"
        self._emit(kind, content_index=0, delta=delta)

    def _open_part(self) -> None:
        if self._part_open:
            return
        self._part_open = True
        if self._voicing is not None:
            part, stored = {"type": "audio", "transcript": ""}, "output_audio"
            self.item.wire["content"] = [{"type": stored, "transcript": ""}]
            self.item.audio[0] = ItemAudio(self._voicing.format)
        else:
            part, stored = {"type": "text", "text": ""}, "output_text"
            self.item.wire["content"] = [{"type": stored, "text": ""}]
        self._emit("response.content_part.added", content_index=0, part=part)

    def _add_text(self, delta: str) -> None:
        if not delta:
            return
        self._text += delta
        field, kind = (
            ("text", "response.output_text.delta")
            if self._voicing is None
            else ("transcript", "response.output_audio_transcript.delta")
        )
        self.item.wire["content"][0][field] = self._text
        if self._voicing is not None:
            self.item.understood[0] = self._text
        self._emit(kind, content_index=0, delta=delta)

    async def _speak(self, text: str, voicing: Voicing) -> None:
        rate = voicing.format.sample_rate
        spoken = voicing.speech.speak(
            text, voice=voicing.voice, sample_rate=rate, speed=voicing.speed
        )
        left = _words(text)
        async with aclosing(_as_generator(spoken)) as chunks:
            async for chunk in chunks:
                words = "".join(left.pop(0) for _ in chunk.text.split() if left)
                self._budget.spend(text=text_tokens(words))
                self._add_text(words)
                await self._send_audio(voicing.format.encode(chunk.pcm), voicing, words)
        self._add_text("".join(left))

    async def _send_audio(self, data: bytes, voicing: Voicing, words: str) -> None:
        audio = self.item.audio[0]
        audio.words.extend(_placed(words, len(audio.data), len(data)))
        per_ms = voicing.format.bytes_per_ms
        while data:
            size = (_DELTA_MS if self._sent_ms else _FIRST_DELTA_MS) * per_ms
            piece, data = data[:size], data[size:]
            duration_ms = voicing.format.duration_ms(len(piece))
            await self._pace(voicing.rate())
            await self._room()
            self._budget.spend(
                audio=assistant_audio_tokens(self._sent_ms + duration_ms)
                - assistant_audio_tokens(self._sent_ms)
            )
            self._sent_ms += duration_ms
            audio.data += piece
            self._emit(
                "response.output_audio.delta", content_index=0, delta=b64encode(piece).decode()
            )

    async def _pace(self, rate: float) -> None:
        """Waits until the audio sent so far is due at ``rate`` times real time."""
        now = asyncio.get_running_loop().time()
        if self._started_at is None:
            self._started_at = now
        await asyncio.sleep(max(0.0, self._started_at + self._sent_ms / 1000 / rate - now))


class CallOutput:
    """A function call with its arguments."""

    def __init__(self, emit: Emit, budget: Budget, call: Call, *, broken: bool = False) -> None:
        """Makes a call; ``broken`` cuts its JSON short (a fault)."""
        self._emit = emit
        self._budget = budget
        self._arguments = orjson.dumps(call.arguments).decode()
        if broken:
            self._arguments = self._arguments.rstrip("}") + ', "'
        self.item = Item(
            {
                "id": new_id("item"),
                "type": "function_call",
                "status": "in_progress",
                "name": call.name,
                "call_id": new_id("call"),
                "arguments": "",
            }
        )

    async def send(self) -> None:
        """Streams the arguments."""
        call_id = self.item.wire["call_id"]
        for start in range(0, len(self._arguments), _ARGUMENT_DELTA):
            delta = self._arguments[start : start + _ARGUMENT_DELTA]
            self._budget.spend(text=text_tokens(delta))
            self.item.wire["arguments"] += delta
            self._emit("response.function_call_arguments.delta", call_id=call_id, delta=delta)
            await asyncio.sleep(0)

    def close(self, status: str) -> None:
        """Ends the call; only a complete one has its arguments done."""
        self.item.wire["status"] = status
        if status == "completed":
            self._emit(
                "response.function_call_arguments.done",
                call_id=self.item.wire["call_id"],
                name=self.item.wire["name"],
                arguments=self.item.wire["arguments"],
            )


def _words(text: str) -> list[str]:
    """The words of a text, each with the space before it; joined they are the text."""
    return re.findall(r"\s*\S+(?:\s+$)?", text)


def _placed(text: str, start: int, size: int) -> list[tuple[int, str]]:
    """Where each word of a stretch ends, as if every letter took the same time."""
    placed, letters = [], 0
    for word in _words(text):
        letters += len(word)
        placed.append((start + size * letters // len(text), word))
    return placed


async def _as_generator(chunks: AsyncIterator[Any]) -> Any:
    async for chunk in chunks:
        yield chunk
