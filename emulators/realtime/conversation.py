"""The conversation: items in order, with the audio that belongs to them."""

import asyncio
import copy
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

from emulators.realtime import errors
from emulators.realtime.formats import AudioFormat
from emulators.realtime.ids import new_id

_PREFIXES = {
    "message": "item",
    "function_call": "item",
    "function_call_output": "item",
    "mcp_list_tools": "mcpl",
    "mcp_call": "mcp",
    "mcp_approval_request": "mcpr",
    "mcp_approval_response": "mcpa",
}


@dataclass(slots=True)
class ItemAudio:
    """The audio of one content part.

    Attributes:
        format: Of :attr:`data`.
        data: Wire bytes so far.
        words: For the assistant's audio: where each stretch of words ends, in bytes, and the
            words; tells what was heard when the item is truncated.
    """

    format: AudioFormat
    data: bytearray = field(default_factory=bytearray)
    words: list[tuple[int, str]] = field(default_factory=list)

    @property
    def duration_ms(self) -> float:
        """How long it plays."""
        return self.format.duration_ms(len(self.data))

    def truncate(self, end_ms: int) -> str:
        """Drops what is after ``end_ms``; returns the words that had begun before."""
        del self.data[end_ms * self.format.bytes_per_ms :]
        begun, start = [], 0
        for end, text in self.words:
            if start >= len(self.data):
                break
            begun.append((end, text))
            start = end
        self.words = begun
        return "".join(text for _, text in begun)


@dataclass(slots=True)
class Item:
    """One item: the wire object, plus what only the model knows.

    Attributes:
        wire: The object that events show, without audio.
        audio: Audio by content index.
        hearing: For the caller's audio, by content index: finishes with the words in it.
        understood: Words by content index that a model gets from audio, though the wire shows
            no transcript (no transcription configured, or truncated).
    """

    wire: dict[str, Any]
    audio: dict[int, ItemAudio] = field(default_factory=dict)
    hearing: "dict[int, asyncio.Task[str]]" = field(default_factory=dict)
    understood: dict[int, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The item's id."""
        return str(self.wire["id"])

    def snapshot(self, *, with_audio: bool = False) -> dict[str, Any]:
        """A copy of the wire object for an event; only ``retrieve`` shows the audio."""
        wire = copy.deepcopy(self.wire)
        if with_audio:
            for index, audio in self.audio.items():
                wire["content"][index]["audio"] = b64encode(audio.data).decode()
        return wire

    def for_model(self) -> dict[str, Any]:
        """The wire object with the words that a model hears in its audio as transcripts."""
        wire = copy.deepcopy(self.wire)
        for index, text in self.understood.items():
            wire["content"][index]["transcript"] = text
        return wire


def new_item(given: dict[str, Any]) -> Item:
    """An item made from what a client sent (validated before), completed with defaults."""
    kind = given["type"]
    given = {name: value for name, value in given.items() if value is not None}
    wire = {"id": new_id(_PREFIXES[kind]), **copy.deepcopy(given)}
    wire.pop("object", None)
    if kind in ("message", "function_call", "function_call_output"):
        wire["status"] = "completed"
    if kind == "function_call":
        wire.setdefault("call_id", new_id("call"))
    return Item(wire)


def given_audio(part: dict[str, Any], audio: AudioFormat, path: str) -> ItemAudio:
    """Takes the audio out of a content part that a client sent; raises when it is not base64."""
    try:
        return ItemAudio(audio, bytearray(b64decode(part.pop("audio"), validate=True)))
    except ValueError:
        raise errors.invalid_value(
            f"Invalid '{path}'. Expected base64-encoded audio bytes.", path
        ) from None


class Conversation:
    """Ordered items. Insertion, deletion and look-up follow the vendor's rules."""

    def __init__(self) -> None:
        self.id = new_id("conv")
        self.items: list[Item] = []

    @property
    def last_id(self) -> str | None:
        """The id of the last item."""
        return self.items[-1].id if self.items else None

    def before(self, item: Item) -> str | None:
        """The id before an item, ``None`` when it is the first or not there any more."""
        place = next((i for i, known in enumerate(self.items) if known is item), 0)
        return self.items[place - 1].id if place else None

    def find(self, item_id: str) -> Item | None:
        """The item with this id."""
        return next((item for item in self.items if item.id == item_id), None)

    def get(self, item_id: str, doing: str, code: str) -> Item:
        """The item with this id; raises the service's error when there is none."""
        item = self.find(item_id)
        if item is None:
            raise errors.unknown_item(doing, code, item_id)
        return item

    def insert(self, item: Item, previous_item_id: str | None = None) -> str | None:
        """Adds an item; returns the id before it, ``None`` when it is the first.

        Args:
            item: Its id must be new, and the call that an output answers must be known.
            previous_item_id: ``root`` for the beginning, ``None`` for the end.
        """
        if self.find(item.id) is not None:
            raise errors.duplicate_item(item.id)
        if item.wire["type"] == "function_call_output" and not any(
            known.wire["type"] == "function_call" and known.wire["call_id"] == item.wire["call_id"]
            for known in self.items
        ):
            raise errors.unknown_call(item.wire["call_id"])
        if item.wire["type"] == "mcp_approval_response" and not any(
            known.wire["type"] == "mcp_approval_request"
            and known.id == item.wire["approval_request_id"]
            for known in self.items
        ):
            raise errors.unknown_approval(item.wire["approval_request_id"])
        if previous_item_id == "root":
            self.items.insert(0, item)
            return None
        if previous_item_id is None:
            before = self.last_id
            self.items.append(item)
            return before
        known_ids = [known.id for known in self.items]
        if previous_item_id not in known_ids:
            raise errors.unknown_previous_item(previous_item_id)
        self.items.insert(known_ids.index(previous_item_id) + 1, item)
        return previous_item_id

    def delete(self, item_id: str) -> None:
        """Removes an item."""
        self.items.remove(self.get(item_id, "deleting", "item_delete_invalid_item_id"))

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Cuts the assistant's audio, and removes its transcript from the wire object.

        The model goes on knowing the words that were heard, as one that hears its own audio.
        """
        item = self.get(item_id, "truncating", "item_truncate_invalid_item_id")
        audio = item.audio.get(content_index)
        if item.wire.get("role") != "assistant" or audio is None:
            raise errors.not_truncatable()
        if audio_end_ms < 0:
            raise errors.RealtimeError(
                "Invalid 'audio_end_ms': integer below minimum value. Expected a value >= 0, but "
                f"got {audio_end_ms} instead.",
                code="integer_below_min_value",
                param="audio_end_ms",
            )
        if audio_end_ms > int(audio.duration_ms):
            raise errors.already_shorter(int(audio.duration_ms), audio_end_ms)
        item.understood[content_index] = audio.truncate(audio_end_ms)
        item.wire["content"][content_index].pop("transcript", None)
