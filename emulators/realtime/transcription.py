"""What the caller's audio says: for the model, and (when configured) for the client.

A real model hears the audio itself and is transcribed beside it; here both come from one
hearing. The client's events arrive on their own time, also after ``response.created``.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from loguru import logger

from emulators.hearing import Hearing, Hints
from emulators.realtime.conversation import Item
from emulators.realtime.usage import transcription_usage

_KIND = "conversation.item.input_audio_transcription"


class Transcriber:
    """Hears the items of one session."""

    def __init__(self, hearing: Hearing, send: Callable[[dict[str, Any]], None]) -> None:
        self._hearing = hearing
        self._send = send
        self._tasks: set[asyncio.Task[str]] = set()

    def hear(
        self, item: Item, index: int, hints: Hints, transcription: dict[str, Any] | None
    ) -> None:
        """Starts to hear one of an item's audio parts, as ``item.hearing[index]``.

        Args:
            item: The caller's message.
            index: Of the content part.
            hints: What can be heard.
            transcription: The session's setting; ``None`` sends no events.
        """
        task = asyncio.create_task(self._hear(item, index, hints, transcription))
        item.hearing[index] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Ends all hearing, for a session that is over."""
        for task in self._tasks:
            task.cancel()

    async def _hear(
        self, item: Item, index: int, hints: Hints, transcription: dict[str, Any] | None
    ) -> str:
        audio = item.audio[index]
        where = {"item_id": item.id, "content_index": index}
        text = ""
        try:
            text = await self._hearing.transcribe(
                audio.format.decode(bytes(audio.data)),
                sample_rate=audio.format.sample_rate,
                hints=hints,
            )
        except Exception as failure:
            logger.opt(exception=failure).warning("hearing of {} failed", item.id)
            if transcription is not None:
                self._send({"type": f"{_KIND}.failed", **where, "error": _error(item, failure)})
            return ""
        finally:
            item.understood[index] = text
        if transcription is not None:
            item.wire["content"][index]["transcript"] = text
            for number, word in enumerate(text.split()):
                delta = f" {word}" if number else word
                self._send({"type": f"{_KIND}.delta", **where, "delta": delta})
            usage = transcription_usage(transcription.get("model"), audio, text)
            self._send({"type": f"{_KIND}.completed", **where, "transcript": text, "usage": usage})
        return text


def _error(item: Item, failure: Exception) -> dict[str, Any]:
    return {
        "type": "server_error",
        "code": "transcription_failed",
        "message": f"Input transcription failed for item '{item.id}': {failure}",
        "param": None,
    }
