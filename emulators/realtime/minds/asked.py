"""What a tool asks in the middle of its work: its output names the answers that it has to have."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from emulators.realtime.mind import Call, Say
from emulators.realtime.minds.dialogue import text_of
from emulators.realtime.minds.form import Question, Unheard, questions_of
from emulators.realtime.minds.understanding.parameters import parameters_of

ANSWER_QUESTION = "answer_question"
"""The tool that takes the answers; its name is fixed, as those of transfers are."""


class ToolQuestion:
    """An output such as ``{"question": …, "answers": {name: schema}, "needed": [name]}``.

    Args:
        output: What it says.
        since: The items behind it.
    """

    def __init__(self, output: Mapping[str, Any], since: Sequence[Mapping[str, Any]]) -> None:
        self._message = str(output["question"])
        answers = output["answers"]
        needed = [name for name in output.get("needed") or answers if name in answers]
        schema = {"properties": {name: answers[name] for name in needed}, "required": needed}
        self._questions = questions_of(parameters_of(schema))
        self._since = since

    def actions(self, today: date) -> Iterator[Say | Call]:
        """Asks for what is missing, one thing at a time, and hands the answers in."""
        given: dict[str, Any] = {}
        asking: Question | None = None
        note, is_put = "", False
        for item in self._since:
            if item.get("type") != "message":
                continue
            if item.get("role") == "assistant" and text_of(item):
                asking, is_put, note = self._due(given), True, ""
            elif item.get("role") == "user" and asking:
                value = asking.answer(text_of(item), today)
                if value is Unheard.SKIPPED:
                    yield Call(ANSWER_QUESTION, {"declined": True})
                    return
                if isinstance(value, Unheard):
                    note = "Sorry, I did not understand that."
                else:
                    given[asking.name] = value
        due = self._due(given)
        if due is None:
            yield Call(ANSWER_QUESTION, {"answers": given})
        elif is_put:
            yield Say(f"{note} {due.asked}".strip())
        else:
            is_whole = len(self._questions) == 1 and self._message.rstrip().endswith("?")
            yield Say(self._message if is_whole else f"{self._message} {due.asked}")

    def _due(self, given: Mapping[str, Any]) -> Question | None:
        return next((each for each in self._questions if each.name not in given), None)


def tool_question(
    items: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
) -> ToolQuestion | None:
    """The question that the last output of a tool has asked, if there is one."""
    if not any(tool.get("name") == ANSWER_QUESTION for tool in tools):
        return None
    for index in range(len(items) - 1, -1, -1):
        if items[index].get("type") == "function_call_output":
            asked = _asked(items[index])
            return ToolQuestion(asked, items[index + 1 :]) if asked else None
    return None


def without_questions(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The conversation as if no tool had asked: the answer's output is the tool's own."""
    calls: dict[str, Mapping[str, Any]] = {}
    asking: Mapping[str, Any] | None = None
    told: list[Mapping[str, Any]] = []
    since = 0
    for item in items:
        kind, call_id = item.get("type"), str(item.get("call_id"))
        if kind == "function_call" and item.get("name") == ANSWER_QUESTION and asking:
            # What was asked and answered on the way is settled.
            del told[since:]
            item = {**item, "name": asking.get("name"), "arguments": asking.get("arguments")}
        if kind == "function_call":
            calls[call_id] = item
        elif kind == "function_call_output":
            asking = calls.get(call_id) if _asked(item) else None
            since = len(told)
        told.append(item)
    return told


def _asked(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an output asks, if it does."""
    try:
        output = json.loads(str(item.get("output")))
    except ValueError:
        return None
    is_question = isinstance(output, dict) and "question" in output
    return output if is_question and isinstance(output.get("answers"), dict) else None
