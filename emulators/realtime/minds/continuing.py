"""Going on with a reply that broke off: how minds without a model say only what was left of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emulators.realtime.mind import Action, Prompt, Say

_HEARD = re.compile(r'heard you say: "([^"]*)"', re.IGNORECASE)


def heard_already(prompt: Prompt) -> str | None:
    """What the response's own instructions say that the caller heard of the reply before."""
    if prompt.instructions == prompt.session_instructions:
        return None
    found = _HEARD.search(prompt.instructions)
    return found[1] if found else None


def without_broken_reply(items: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The conversation as it was before the reply that broke off."""
    end = len(items)
    while end and items[end - 1].get("role") == "assistant":
        end -= 1
    return items[:end]


def rest_of(actions: Iterable[Action], heard: str) -> Iterator[Action]:
    """The actions without the words that were heard; all of them when they begin otherwise."""
    planned = list(actions)
    left = heard.split()
    words = [word for action in planned if isinstance(action, Say) for word in action.text.split()]
    if not _begins(words, left):
        yield from planned
        return
    for action in planned:
        if not isinstance(action, Say):
            yield action
            continue
        spoken = action.text.split()
        skipped = min(len(left), len(spoken))
        left = left[skipped:]
        if rest := " ".join(spoken[skipped:]):
            yield Say(rest)


def _begins(words: list[str], with_these: list[str]) -> bool:
    def plain(some: list[str]) -> list[str]:
        return [re.sub(r"\W+", "", word).lower() for word in some]

    return plain(words)[: len(with_these)] == plain(with_these)
