"""The conversation of a call as structured items, kept by us, whatever session it runs in.

Order is that of the server's ``previous_item_id``, not of arrival: a transcript comes long after
its item, and events about a turn can overtake those about the one before.
"""

from collections.abc import Sequence
from typing import Any, Literal

from processors.realtime.items import (
    CallItem,
    Item,
    Message,
    OutputItem,
    UnknownItem,
    new_item_id,
    to_wire,
)
from processors.realtime.policy import DEFAULT_HISTORY_TOKENS
from processors.realtime.replay import Summary, newest, replay, tokens_of, untold
from processors.realtime.server_events import FunctionCall, ItemAdded


class History:
    """Items in order. Ids stay the same when items are replayed into another session.

    Args:
        budget: Tokens that a replay may take, as `processors.realtime.replay` counts them.
    """

    def __init__(self, budget: int = DEFAULT_HISTORY_TOKENS) -> None:
        self._budget = budget
        self._items: list[Item] = []
        self._unconfirmed: set[str] = set()
        self._summary: Summary | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, in order."""
        return tuple(self._items)

    def added(self, event: ItemAdded) -> None:
        """The server has put an item into the conversation."""
        known = self._find(event.item_id)
        if known is None:
            item = _read(event.item)
            self._insert(item, event.previous_item_id)
        elif event.item_id in self._unconfirmed:
            # Ours: now it is known what the server put before it.
            self._unconfirmed.discard(event.item_id)
            if self._find(event.previous_item_id) is not None:
                self._items.remove(known)
                self._insert(known, event.previous_item_id)

    def wrote(
        self, role: Literal["user", "system"], text: str, *, is_note: bool = False
    ) -> Message:
        """A message that we send: typed by the caller, or told to the agent."""
        message = Message(new_item_id(), role, text, is_note)
        self._append(message)
        return message

    def answered(self, call_id: str, output: str) -> OutputItem:
        """The output of a function call, which we send."""
        item = OutputItem(new_item_id(), call_id, output)
        self._append(item)
        return item

    def calling(self, call: FunctionCall) -> None:
        """A function call is being run."""
        known = self._find(call.item_id)
        if known is None:
            self._items.append(CallItem(call.item_id, call))
        else:
            self._items[self._items.index(known)] = CallItem(call.item_id, call)

    def caller_said(self, item_id: str, text: str) -> None:
        """The transcript of a turn of the caller."""
        self._message(item_id, "user").text = text

    def agent_said(self, item_id: str, text: str, *, is_cut: bool = False) -> None:
        """The words of a reply so far; ``is_cut`` with those that were heard."""
        message = self._message(item_id, "assistant")
        message.text, message.is_cut = text, is_cut

    def noted(self, item_id: str, text: str) -> None:
        """What another session is to be told in the place of an item that it can't be given."""
        known = self._find(item_id)
        message = Message(item_id, "system", text)
        if known is None:
            self._items.append(message)
        else:
            self._items[self._items.index(known)] = message

    def renamed(self, item_id: str) -> Item | None:
        """The item with a fresh id, under which another session can be told it anew."""
        item = self._find(item_id)
        if item:
            item.id = new_item_id()
        return item

    def drop_notes(self) -> None:
        """Another agent takes over: what only its predecessor had to know goes."""
        self._items = [
            item for item in self._items if not (isinstance(item, Message) and item.is_note)
        ]

    def removed(self, item_id: str) -> None:
        """The item is gone from the conversation."""
        self._items = [item for item in self._items if item.id != item_id]

    @property
    def untranscribed(self) -> list[str]:
        """Ids of the caller's turns whose words are not known yet, in order."""
        return [
            item.id
            for item in self._items
            if isinstance(item, Message) and item.role == "user" and item.text is None
        ]

    def seed(self) -> list[dict[str, Any]]:
        """The items that bring another session to where this one is, as the API takes them."""
        return replay(self._items, self._summary, self._budget)

    @property
    def fill(self) -> float:
        """What a replay of everything would take, as a share of the budget; 1 is just in it."""
        told = [*([self._summary.message] if self._summary else ()), *self._untold]
        return sum(tokens_of(item) for item in told) / self._budget

    @property
    def summary(self) -> Message | None:
        """What stands for the items that were summarised."""
        return self._summary.message if self._summary else None

    def oldest(self, keep: float) -> list[Item]:
        """What is to be summarised next: all but the newest, which take ``keep`` of the budget."""
        untold = self._untold
        kept = newest(untold, int(self._budget * keep))
        return [item for item in untold if item.id not in kept and to_wire(item)]

    def summarised(self, text: str, items: Sequence[Item]) -> None:
        """``text`` tells what ``items`` and the summary before it told."""
        covered = self._summary.covers if self._summary else frozenset[str]()
        message = Message(new_item_id(), "system", text)
        self._summary = Summary(message, covered.union(item.id for item in items))

    @property
    def _untold(self) -> list[Item]:
        return untold(self._items, self._summary)

    def _message(self, item_id: str, role: Literal["user", "assistant"]) -> Message:
        item = self._find(item_id)
        if isinstance(item, Message):
            return item
        message = Message(item_id, role, None)
        if item is None:
            self._items.append(message)
        else:
            self._items[self._items.index(item)] = message
        return message

    def _append(self, item: Item) -> None:
        self._items.append(item)
        self._unconfirmed.add(item.id)

    def _insert(self, item: Item, previous_item_id: str | None) -> None:
        previous = self._find(previous_item_id)
        index = len(self._items) if previous is None else self._items.index(previous) + 1
        self._items.insert(index, item)

    def _find(self, item_id: str | None) -> Item | None:
        # Most look-ups are for one of the last items.
        return next((item for item in reversed(self._items) if item.id == item_id), None)


def _read(item: Any) -> Item:
    """An item of the server's. Calls count only once they are run: `History.calling`."""
    item_id = str(item["id"])
    if item.get("type") != "message" or item.get("role") not in ("user", "assistant", "system"):
        return UnknownItem(item_id)
    parts = [part for part in item.get("content") or () if isinstance(part, dict)]
    texts = [part.get("text") or part.get("transcript") for part in parts]
    known = "".join(text for text in texts if text)
    return Message(item_id, item["role"], known or None)
