"""What another session is told of a call: the newest items as they are, the older ones in short."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from processors.realtime.items import CallItem, Item, Message, OutputItem, new_item_id, to_wire

BYTES_PER_TOKEN = 4
"""Of UTF-8: near enough for English text and JSON, and no less for other scripts."""

ITEM_TOKENS = 4
"""What an item costs beside its words: its role, and what separates it from the next."""

OUTPUT_SHARE = 0.25
"""Of the budget, that one function's output may take in a replay; the answer to it stands there."""

GAP = (
    "The beginning of this conversation is not shown: {count} older items were left out. "
    "When you need something of it, say that you lost it and ask the caller."
)


@dataclass(frozen=True, slots=True)
class Summary:
    """The older part of a conversation in short: ``message`` stands for the items ``covers``."""

    message: Message
    covers: frozenset[str]


def tokens_of(item: Item) -> int:
    """An estimate of what an item costs a model to read, as text; 0 for what is not replayed."""
    if to_wire(item) is None:
        return 0
    match item:
        case Message(text=str(text)):
            words = text
        case CallItem(call=call):
            words = call.name + call.arguments
        case OutputItem(output=output):
            words = output
        case _:
            words = ""
    return ITEM_TOKENS + ceil(len(words.encode()) / BYTES_PER_TOKEN)


def replay(items: Sequence[Item], summary: Summary | None, budget: int) -> list[dict[str, Any]]:
    """The items for a fresh session, as the API takes them, in about ``budget`` tokens.

    First the summary, then a note where something is missing that it does not tell, then the
    newest items, and of the older ones what can't be left out (see `newest`).
    """
    limit = int(budget * OUTPUT_SHARE)
    told = [_shortened(item, limit) for item in untold(items, summary)]
    left = budget - (tokens_of(summary.message) if summary else 0)
    kept = newest(told, left)
    missing = sum(item.id not in kept and to_wire(item) is not None for item in told)
    head = [summary.message] if summary else []
    if missing:
        head.append(Message(new_item_id(), "system", GAP.format(count=missing)))
    shown = [*head, *(item for item in told if item.id in kept)]
    return [wire for item in shown if (wire := to_wire(item))]


def untold(items: Iterable[Item], summary: Summary | None) -> list[Item]:
    """The items that the summary does not cover."""
    return [item for item in items if summary is None or item.id not in summary.covers]


def newest(items: Sequence[Item], budget: int) -> set[str]:
    """Ids of the items that are kept: as many of the newest as the budget has room for.

    A function call and its output are kept or left out together. Whatever the budget: the newest
    of all is kept; a call that still runs, since its output will refer to it; and what the agent
    who has the caller must know.
    """
    partners = _partners(items)
    kept = {item.id for item in items if _is_needed(item, partners)}
    left = budget - sum(tokens_of(item) for item in items if item.id in kept)
    is_first = True
    for item in reversed(items):
        if item.id in kept:
            continue
        together = [item, *([partners[item.id]] if item.id in partners else [])]
        cost = sum(tokens_of(one) for one in together)
        if cost > left and not is_first:
            break
        kept |= {one.id for one in together}
        left -= cost
        is_first = is_first and not cost
    return kept


def _partners(items: Sequence[Item]) -> dict[str, Item]:
    """By the ids of calls and outputs: the other one of the two."""
    calls = {item.call.call_id: item for item in items if isinstance(item, CallItem)}
    partners: dict[str, Item] = {}
    for item in items:
        if isinstance(item, OutputItem) and (call := calls.get(item.call_id)):
            partners[item.id], partners[call.id] = call, item
    return partners


def _is_needed(item: Item, partners: dict[str, Item]) -> bool:
    if isinstance(item, CallItem):
        return item.id not in partners
    return isinstance(item, Message) and item.is_note


def _shortened(item: Item, tokens: int) -> Item:
    if not isinstance(item, OutputItem) or tokens_of(item) <= tokens:
        return item
    kept = item.output.encode()[: tokens * BYTES_PER_TOKEN].decode(errors="ignore")
    return replace(item, output=f"{kept} … (cut off here)")
