"""Reads a conversation's items into what the caller wants, knows and was just asked.

The mind keeps nothing between two responses: this is done anew from the items each time, so that
a conversation replayed into another session goes on where it was.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from emulators.realtime.minds.listening import understand
from emulators.realtime.minds.state import CARRIED, CONFIRMATION, PATIENCE, READ_BACK, State
from emulators.realtime.minds.summary import read_summary
from emulators.realtime.minds.task import Ask, Confirm, Task
from emulators.realtime.minds.turns import Turn
from emulators.realtime.minds.understanding.acts import act_of
from emulators.realtime.minds.understanding.briefing import Briefing, read_briefing
from emulators.realtime.minds.understanding.errand import Errand
from emulators.realtime.minds.understanding.intent import LEAST_SCORE
from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.people import find_person
from emulators.realtime.minds.understanding.results import Result, identifier, read_result
from emulators.realtime.minds.understanding.standing import StandingAnswer
from emulators.realtime.minds.understanding.toolbox import KnownTool, Role, Toolbox
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import name_words, plain

_LATER = re.compile(r"\b(later|locked)\b", re.IGNORECASE)
"""In an error: asking again would not help now."""

_CONSENT = re.compile(r"\bneeds the caller's clear yes\b", re.IGNORECASE)
"""In an error: the yes was not to this, so it is asked for once more."""

_TOPIC = re.compile(
    r"^(it is|it's|this is) (only |just )?about\b|\bhave a question about( \w+){1,2}$",
    re.IGNORECASE,
)
"""Whom to talk to, and not yet what about."""

_MISSED = (Turn.SILENCE, Turn.UNCLEAR, Turn.ELSEWHERE)
"""Turns that get the caller no further."""


def read_dialogue(
    items: Iterable[Mapping[str, Any]],
    toolbox: Toolbox,
    today: date,
    *,
    least_score: float = LEAST_SCORE,
    errand: Errand | None = None,
    standing: Sequence[StandingAnswer] = (),
) -> State:
    """The state of a conversation after all its items.

    Args:
        items: In the Realtime API's format.
        toolbox: The tools that can be used now.
        today: What "tomorrow" is relative to.
        least_score: What a sentence needs to count as a request, 0 to 1.
        errand: What the agent wants of the person on the line, where it has called.
        standing: Answers that its instructions give.
    """
    state = State(toolbox, today, least_score=least_score, errand=errand, standing=standing)
    reader = _Reader(state)
    if errand:
        # Whoever was called may say nothing before the agent opens.
        reader.state.turn = reader.state.begin_errand(errand)
    for item in items:
        reader.read(item)
    return reader.state


def text_of(item: Mapping[str, Any]) -> str:
    """The words of a message, spoken or written."""
    parts = item.get("content") or ()
    texts = (part.get("text") or part.get("transcript") or "" for part in parts)
    return " ".join(text.strip() for text in texts if text and text.strip())


class _Reader:
    """Takes items in, in order."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._calls: dict[str, tuple[str, dict[str, Any]]] = {}
        self._misses = 0

    def read(self, item: Mapping[str, Any]) -> None:
        match item.get("type"):
            case "message":
                self._message(str(item.get("role")), text_of(item))
            case "function_call":
                name, arguments = str(item.get("name")), _arguments(item.get("arguments"))
                self._calls[str(item.get("call_id"))] = (name, arguments)
                if not _is_talk(name):
                    self.state.memory |= arguments
            case "function_call_output":
                self._answered(str(item.get("call_id")), str(item.get("output") or ""))

    def _message(self, role: str, text: str) -> None:
        if role == "user":
            self._heard(text)
        elif role == "assistant" and text:
            self._spoke(text)
        elif briefing := read_briefing(text):
            self._take_over(briefing)
        elif known := read_summary(text):
            self.state.name = str(known.pop("name", self.state.name))
            self.state.memory |= known

    def _spoke(self, text: str) -> None:
        """Something was said to the caller: what were they asked?"""
        state = self.state
        state.said = text
        state.results = []
        state.asking = None
        state.adjusting = state.turn is Turn.ADJUST
        state.confirming = False
        if state.task is None and (tool := state.toolbox.asked_by(text)):
            state.task = Task(tool)
        if state.task and not state.adjusting:
            step = state.task.step()
            state.asking = step.parameter if isinstance(step, Ask) else None
            # A question that was cut off before its end was not answered with "yes".
            asked = CONFIRMATION in text or READ_BACK in text
            state.confirming = isinstance(step, Confirm) and asked
        state.closing = "anything else" in text.lower()
        state.turn = Turn.NOTHING

    def _heard(self, text: str) -> None:
        state = self.state
        state.results = []
        if state.errand and not state.said:
            # Whoever is called says something first: nothing that could be an answer.
            state.turn = state.begin_errand(state.errand)
            return
        utterance = Utterance(text, state.today)
        state.turn = understand(state, utterance)
        if state.turn in _MISSED:
            self._misses += 1
            if self._misses >= 2 * PATIENCE:
                state.turn = Turn.HOPELESS
            elif self._misses >= PATIENCE and state.task:
                state.drop_task()
                state.turn = Turn.GAVE_UP
        else:
            self._misses = 0
        if state.turn not in _MISSED and act_of(text) is None:
            state.utterances.append(text)
        if person := find_person(utterance, asked=False):
            state.name = person

    def _take_over(self, briefing: Briefing) -> None:
        """The caller comes with a request, or comes back without one."""
        state = self.state
        spoken = briefing.quotes or list(state.utterances)
        state.arrive(briefing)
        if state.errand and not briefing.is_done:
            state.turn = state.begin_errand(state.errand)
            return
        self._misses = 0
        if briefing.is_done:
            state.turn = Turn.ELSE
            return
        if spoken and _TOPIC.search(spoken[-1]):
            state.turn = Turn.OPEN
            return
        # What the caller said last counts most; a colleague's own words may have to do.
        known = [] if briefing.quotes else [briefing.context]
        for text in (*reversed(spoken), briefing.reason, *known):
            utterance = Utterance(text, state.today)
            requests = [
                match
                for match in state.requests(utterance)
                if match.tool.name != f"transfer_to_{briefing.who}"
            ]
            if not requests:
                continue
            state.start(requests[0].tool, utterance)
            state.utterances = spoken
            if state.task and requests[0].tool.role is Role.FUNCTION:
                for said in (*known, *spoken):
                    heard = state.task.hear(Utterance(said, state.today), state.rows)
                    state.task.take(heard)
                state.memory |= state.task.values
            state.turn = Turn.TASK
            return
        state.turn = Turn.ELSEWHERE if spoken else Turn.OPEN

    def _answered(self, call_id: str, output: str) -> None:
        """A tool's answer came."""
        state = self.state
        name, arguments = self._calls.get(call_id, ("", {}))
        tool = state.toolbox.get(name)
        if name == "end_call":
            state.ended = True
        result = read_result(name, output)
        if tool is None or tool.role in (Role.TRANSFER, Role.END):
            state.turn = Turn.NOTHING
            if _is_talk(name):
                state.task = None
            else:
                state.keep(result)  # of a colleague's tool
            return
        state.results.append(result)
        state.turn = Turn.RESULT
        task = state.task or Task(tool, arguments)
        if result.is_error:
            self._refused(task, result)
            return
        state.keep(result)
        if task.preview and task.preview.name == name:
            task.preview = None
            return
        state.utterances = []
        state.offered = self._follow_up(result)
        if tool.verdict:
            self._noted()
            return
        page = tool.parameter("page") if result.next_page else None
        state.more = Task(tool, {**arguments, page.name: result.next_page}) if page else None
        state.latest = None if tool.needs_confirmation else Task(tool, arguments)
        state.task = Task(task.afterwards) if task.afterwards else None
        if state.task:
            state.task.recall(state.memory, CARRIED)

    def _noted(self) -> None:
        """A yes or a no has been passed on: back to what the caller wants."""
        state = self.state
        state.task, state.paused = state.paused, None
        said, state.meanwhile = state.meanwhile, None
        requests = state.requests(said) if said else []
        if said and requests:
            state.start(requests[0].tool, said)
            state.turn = Turn.TASK

    def _refused(self, task: Task, result: Result) -> None:
        """A tool said no: ask again for the value that it names, or give the task up."""
        state = self.state
        state.latest = Task(task.tool, dict(task.values), preview=task.preview)
        named = [
            parameter
            for parameter in task.tool.required
            if _is_named(parameter, task.values.get(parameter.name), result.summary)
        ]
        if _CONSENT.search(result.summary) and task.tool.needs_confirmation:
            task.confirmed, state.task, state.results = False, task, []
            return
        if not named or _LATER.search(result.summary):
            state.task = None
            return
        # What goes wrong together is asked for together: nobody is told which of them it was.
        together = {parameter.name for parameter in named} & state.toolbox.credentials
        for name in together or {named[0].name}:
            task.forget(name)
            if name in together:
                state.memory.pop(name, None)
        state.task = task

    def _follow_up(self, result: Result) -> KnownTool | None:
        """The tool that one of the result's rows could be given to."""
        for tool in self.state.toolbox.with_role(Role.FUNCTION) if result.rows else ():
            choosing = [p for p in tool.required if p.kind is Kind.ROW]
            if choosing and identifier(result.rows[0], choosing[0]) is not None:
                return tool
        return None


def _is_named(parameter: Parameter, value: Any, said: str) -> bool:
    """Whether an error speaks of a parameter, by its value or by its name."""
    said = said.lower()
    if isinstance(value, str) and len(value) > 2:
        spaced = value.isdecimal() and " ".join(value) in said
        if value.lower() in said or spaced:
            return True
    words = set(name_words(parameter.name))
    all_words = len(words) > 1 and words <= set(plain(said).split())
    return all_words or parameter.name.lower() in said or parameter.noun in said


def _is_talk(name: str) -> bool:
    """Whether a tool's arguments are words between colleagues, not facts."""
    return name.startswith("transfer_to_") or name.endswith("_expert") or name == "end_call"


def _arguments(raw: object) -> dict[str, Any]:
    try:
        value = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
