"""Structured answers: a JSON Schema filled in with what a conversation shows, nothing else."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from emulators.realtime.mind import Prompt
from emulators.realtime.minds.state import State
from emulators.realtime.minds.summary import caller_words, write_summary
from emulators.realtime.minds.task import Task
from emulators.realtime.minds.understanding.acts import act_of
from emulators.realtime.minds.understanding.parameters import Kind, parameters_of
from emulators.realtime.minds.understanding.results import read_result
from emulators.realtime.minds.understanding.toolbox import KnownTool
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import name_words

Item = Mapping[str, Any]

_TRANSFERS = ("transfer_to_human", "transfer_call")
_TALK = ("transfer_to_", "end_call")
_PURPOSE = re.compile(r"\bIt was for: ([^.\n]{1,80})\.")
"""What instructions say that a call was for."""

_ENDINGS = {
    "transferred": ("transfer", "escalat", "forward"),
    "done": ("resolved", "success", "complete", "done", "achieved"),
    "failed": ("unresolved", "fail", "incomplete", "not_"),
    "silent": ("no_conversation", "unclear", "unknown", "none", "other"),
}
"""How a conversation can end, and the beginnings of words that choices call it by."""


def structured_answer(prompt: Prompt, schema: Mapping[str, Any], state: State) -> dict[str, Any]:
    """An object of ``schema``: null where nothing was said, as far as the schema lets it be.

    Args:
        prompt: The conversation, and what it was said to be for.
        schema: Of an object.
        state: What was read from the conversation.
    """
    return _Answer(prompt, state).object(schema)


class _Answer:
    def __init__(self, prompt: Prompt, state: State) -> None:
        self._items: Sequence[Item] = prompt.items
        self._purpose = _PURPOSE.search(prompt.instructions)
        self._state = state
        self._words = caller_words(prompt.items)

    def object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        known = self._known(schema)
        properties: Mapping[str, Any] = schema.get("properties") or {}
        return {name: self._value(name, each, known.get(name)) for name, each in properties.items()}

    def _known(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """What was heard for the properties; what tools were called with, or answered, is surer."""
        tool = KnownTool("answer", "", parameters_of(schema))
        task = Task(tool)
        for text in self._words:
            task.take(task.hear(Utterance(text, self._state.today), ()))
        sure = Task(tool)
        sure.recall(self._state.memory, Kind)
        return task.values | sure.values

    def _value(self, name: str, schema: Mapping[str, Any], known: Any) -> Any:
        options = [schema, *schema.get("anyOf", ())]
        for option in options:
            if option.get("type") == "object" or "object" in _types(option):
                return self.object(option)
        if known is not None and Draft202012Validator(schema).is_valid(known):
            return known
        if any("null" in _types(option) for option in options):
            return None
        if choices := schema.get("enum"):
            return self._ending(choices)
        return self._told(name, schema)

    def _told(self, name: str, schema: Mapping[str, Any]) -> Any:
        """What can be said of any conversation; nothing otherwise."""
        kinds = _types(schema)
        if "string" in kinds:
            words = set(name_words(name))
            if "summary" in words:
                own_name = {"name": self._state.name} if self._state.name else {}
                return write_summary(self._words, own_name | self._state.memory)
            return self._intent() if "intent" in words else ""
        if "boolean" in kinds:
            return False
        return [] if "array" in kinds else schema.get("minimum", 0)

    def _intent(self) -> str:
        """What it was for; else what the last tool does that was called, or the first request."""
        if self._purpose:
            return self._purpose[1]
        called = [name for name in self._called() if not name.startswith(_TALK)]
        if called:
            return " ".join(name_words(called[-1]))
        requests = [text for text in self._words if act_of(text) is None]
        return requests[0] if requests else ""

    def _ending(self, choices: Sequence[Any]) -> Any:
        names = [str(choice) for choice in choices]
        for beginning in _ENDINGS[self._how()]:
            for choice, name in zip(choices, names, strict=True):
                if name.startswith(beginning):
                    return choice
        return choices[-1]

    def _how(self) -> str:
        if not self._words:
            return "silent"
        if any(name in _TRANSFERS for name in self._called()):
            return "transferred"
        worked = [
            not read_result(str(item.get("call_id")), str(item.get("output") or "")).is_error
            for item in self._items
            if item.get("type") == "function_call_output" and not self._is_talk(item)
        ]
        return "done" if worked and worked[-1] else "failed"

    def _called(self) -> Iterable[str]:
        return [str(i.get("name")) for i in self._items if i.get("type") == "function_call"]

    def _is_talk(self, output: Item) -> bool:
        called = {
            item.get("call_id"): str(item.get("name"))
            for item in self._items
            if item.get("type") == "function_call"
        }
        return called.get(output.get("call_id"), "").startswith(_TALK)


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    return [kind] if isinstance(kind, str) else list(kind or ())
