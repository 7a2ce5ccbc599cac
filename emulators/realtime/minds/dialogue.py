"""Reads a conversation's items into what the caller wants, knows and was just asked.

The mind keeps nothing between two responses: this is done anew from the items each time, so that
a conversation replayed into another session goes on where it was.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum, auto
from typing import Any

from emulators.realtime.minds.task import Ask, Confirm, Rows, Task
from emulators.realtime.minds.understanding.acts import Act, act_of
from emulators.realtime.minds.understanding.briefing import (
    Briefing,
    read_briefing,
    write_context,
)
from emulators.realtime.minds.understanding.intent import LEAST_SCORE, Match, rank
from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.people import find_person
from emulators.realtime.minds.understanding.results import (
    Result,
    find_row,
    identifier,
    read_result,
)
from emulators.realtime.minds.understanding.toolbox import KnownTool, Role, Toolbox
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import name_words

CONFIRMATION = "Shall I go ahead?"
"""Ends every confirmation, so that a "yes" is only taken for one when it was asked."""

PATIENCE = 3
"""Turns in a row that are not understood before a task is given up."""

_SURE = 0.6
"""Score of a request that changes the subject while an open question is waiting."""

_CARRIED = frozenset((Kind.DATE, Kind.NUMBER, Kind.NAME, Kind.PLACE, Kind.EMAIL))
_POINTING = re.compile(r"\b(that|this|it|same)\b", re.IGNORECASE)
_AGAIN = re.compile(r"\btry (it |that )?(again|once more)\b", re.IGNORECASE)


class Turn(Enum):
    """What the last thing that happened calls for."""

    NOTHING = auto()
    OPEN = auto()
    """Ask what the caller wants; they just came."""
    TASK = auto()
    """Go on with the task."""
    RESULT = auto()
    """Tell what a tool answered."""
    ELSE = auto()
    """Ask whether there is anything else."""
    ADJUST = auto()
    """The caller does not want it like this: ask what to change."""
    NOTED = auto()
    """The caller told something about themselves."""
    UNAVAILABLE = auto()
    """Asked for something that nobody here does."""
    UNCLEAR = auto()
    GAVE_UP = auto()
    """Not understood too often: the task is dropped."""
    HOPELESS = auto()
    """Not understood over and over: end it."""
    SILENCE = auto()
    GREETING = auto()
    THANKS = auto()
    HELP = auto()
    REPEAT = auto()
    RECALL = auto()
    WAIT = auto()
    DONE = auto()
    GOODBYE = auto()


_PLAIN_TURNS = {
    Act.GOODBYE: Turn.GOODBYE,
    Act.HELP: Turn.HELP,
    Act.REPEAT: Turn.REPEAT,
    Act.WAIT: Turn.WAIT,
}


class Dialogue:
    """The state of a conversation after all its items.

    Attributes:
        turn: What to respond to.
        task: What the caller wants done.
        asking: The parameter that was just asked for.
        results: Answers of tools that have not been told yet.
        rows: What the latest list in an answer held.
        offered: A tool that could go on with ``rows``.
        memory: Everything heard so far, by parameter name.
        name: The caller's name, once told.
        utterances: What the caller said since the last handover.
        said: What was said to the caller last.
        briefing: How the caller came here.
        ended: The end of the call is under way.
        recalled: What the caller asks to be reminded of: its name and value.
    """

    def __init__(self, toolbox: Toolbox, today: date) -> None:
        self.toolbox = toolbox
        self.today = today
        self.turn = Turn.OPEN
        self.task: Task | None = None
        self.asking: Parameter | None = None
        self.results: list[Result] = []
        self.rows: Rows = ()
        self.offered: KnownTool | None = None
        self.memory: dict[str, Any] = {}
        self.name = ""
        self.utterances: list[str] = []
        self.said = ""
        self.briefing: Briefing | None = None
        self.ended = False
        self.recalled: tuple[str, Any] | None = None
        self._misses = 0
        self._confirming = False
        self._adjusting = False
        self._closing = False
        self._calls: dict[str, tuple[str, dict[str, Any]]] = {}
        self._latest: Task | None = None

    def read(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Takes the items in, in order."""
        for item in items:
            match item.get("type"):
                case "message":
                    self._message(str(item.get("role")), text_of(item))
                case "function_call":
                    arguments = _arguments(item.get("arguments"))
                    self._calls[str(item.get("call_id"))] = (str(item.get("name")), arguments)
                    if not _is_talk(str(item.get("name"))):
                        self.memory |= arguments
                case "function_call_output":
                    self._answered(str(item.get("call_id")), str(item.get("output") or ""))

    def _message(self, role: str, text: str) -> None:
        if role == "user":
            self._hear(text)
        elif role == "assistant" and text:
            self._spoke(text)
        elif briefing := read_briefing(text):
            self._take_over(briefing)

    # What was said to the caller.

    def _spoke(self, text: str) -> None:
        self.said = text
        self.results = []
        self.asking = None
        self._confirming = self._adjusting = False
        if self.turn is Turn.ADJUST:
            self._adjusting = True
        elif self.task:
            step = self.task.step()
            self.asking = step.parameter if isinstance(step, Ask) else None
            self._confirming = isinstance(step, Confirm) and CONFIRMATION in text
        self._closing = "anything else" in text.lower()
        self.turn = Turn.NOTHING

    # What the caller said.

    def _hear(self, text: str) -> None:
        self.results = []
        before = self._misses
        utterance = Utterance(text, self.today)
        self.turn = self._understand(utterance)
        if self.turn in (Turn.SILENCE, Turn.UNCLEAR, Turn.UNAVAILABLE):
            self._misses = before + 1
            if self._misses >= 2 * PATIENCE:
                self.turn = Turn.HOPELESS
            elif self._misses >= PATIENCE and self.task:
                self.task = None
                self.turn = Turn.GAVE_UP
        else:
            self._misses = 0
            if text:
                self.utterances.append(text)
        if person := find_person(utterance, asked=False):
            self.name = person

    def _understand(self, utterance: Utterance) -> Turn:
        act = act_of(utterance.text)
        if act is Act.SILENCE:
            return Turn.SILENCE
        if act in _PLAIN_TURNS:
            return _PLAIN_TURNS[act]
        self.recalled = self._recollection(utterance.text) if act is Act.RECALL else None
        if self.recalled:
            return Turn.RECALL
        if self.task and (self._confirming or self._adjusting):
            turn = self._decided(self.task, utterance, act)
        elif self.task and self.asking:
            turn = self._answer(self.task, self.asking, utterance, act)
        else:
            turn = None
        return turn or self._new_request(utterance) or self._small_talk(utterance, act)

    def _decided(self, task: Task, utterance: Utterance, act: Act | None) -> Turn | None:
        """After "shall I?": yes, no, or something is to be different."""
        heard = task.hear(utterance, self.rows)
        if task.news(heard):
            task.take(heard)
            return Turn.TASK
        if act is Act.YES and self._confirming:
            task.confirmed = True
            return Turn.TASK
        if self._adjusting and (parameter := self._named_parameter(task, utterance)):
            task.forget(parameter.name)
            return Turn.TASK
        adjustable = [p for p in task.tool.required if p.kind is not Kind.ROW]
        if act is Act.NO and self._confirming and len(adjustable) > 1:
            return Turn.ADJUST
        if act in (Act.NO, Act.DONE, Act.FORGET):
            self.task = None
            return Turn.ELSE
        return None

    def _answer(
        self, task: Task, asked: Parameter, utterance: Utterance, act: Act | None
    ) -> Turn | None:
        """After a question: its answer, or something else about the same task."""
        requests = self._requests(utterance)
        if requests and requests[0].score >= _SURE and requests[0].tool is not task.tool:
            return None
        if act in (Act.DONE, Act.FORGET) and asked.kind is not Kind.BOOLEAN:
            self.task = None
            return Turn.ELSE
        heard = task.hear(utterance, self.rows, asked)
        if task.news(heard) or asked.name in heard.values:
            task.take(heard)
            self.memory |= heard.values
            return Turn.TASK
        return None

    def _new_request(self, utterance: Utterance) -> Turn | None:
        """Something to do, or something else about what was done last."""
        if _AGAIN.search(utterance.text) and self._latest:
            self.task = self._latest
            return Turn.TASK
        act = act_of(utterance.text)
        requests = self._requests(utterance)
        if self.offered and not (requests and requests[0].score >= _SURE):
            if find_row(utterance.tokens, self.rows) or (act is Act.YES and not requests):
                self._start(self.offered, utterance)
                return Turn.TASK
            if act is Act.NO and not requests:
                self.offered = None
                return Turn.ELSE
        if requests:
            self._start(requests[0].tool, utterance)
            return Turn.TASK
        if self._latest and act not in (Act.DONE, Act.NO):
            refined = Task(self._latest.tool, dict(self._latest.values))
            heard = refined.hear(utterance, self.rows)
            if refined.news(heard):
                refined.take(heard)
                self.task = refined
                return Turn.TASK
        return None

    def _small_talk(self, utterance: Utterance, act: Act | None) -> Turn:
        if act in (Act.DONE, Act.FORGET) or (act is Act.NO and self._closing):
            dropped, self.task = self.task, None
            return Turn.ELSE if dropped or act is Act.FORGET else Turn.DONE
        if find_person(utterance, asked=False):
            return Turn.NOTED
        if act is Act.RECALL:
            return Turn.RECALL
        if self.task and act in (Act.YES, Act.NO):
            return Turn.UNCLEAR
        turns = {
            Act.GREETING: Turn.GREETING,
            Act.THANKS: Turn.THANKS,
            Act.YES: Turn.OPEN,
            Act.NO: Turn.ELSE,
        }
        if act in turns:
            return turns[act]
        asked_for_more = len(utterance.tokens) > 3 and not self.task
        return Turn.UNAVAILABLE if asked_for_more else Turn.UNCLEAR

    def _requests(self, utterance: Utterance) -> list[Match]:
        return [match for match in rank(utterance, self.toolbox) if match.score >= LEAST_SCORE]

    def _start(self, tool: KnownTool, utterance: Utterance) -> None:
        """Begins a task with what the sentence and the conversation say about it."""
        afterwards = None
        choosing = [p for p in tool.required if p.kind is Kind.ROW]
        if choosing and not any(identifier(row, choosing[0]) for row in self.rows):
            source = self.toolbox.source(tool)
            tool, afterwards = (source, tool) if source else (tool, None)
        task = Task(tool, afterwards=afterwards, preview=self.toolbox.preview(tool))
        if tool.role is Role.TRANSFER:
            task.values = self.handover(tool, reason=utterance.text, quote=utterance.text)
        elif tool.role is Role.CONSULT:
            task.values = {parameter.name: utterance.text for parameter in tool.required}
        elif tool.role is Role.FUNCTION:
            if self._latest and self._latest.tool is tool:
                task.values = dict(self._latest.values)
            task.take(task.hear(utterance, self.rows))
            if tool.needs_confirmation:
                task.recall(self.memory, _CARRIED)
            if _POINTING.search(utterance.text):
                task.recall(self.memory, (Kind.DIGITS,))
            for parameter in tool.of_kind(Kind.NAME) if self.name else ():
                task.values.setdefault(parameter.name, self.name)
            self.memory |= task.values
        self.task = task

    def handover(self, tool: KnownTool, *, reason: str, quote: str = "") -> dict[str, Any]:
        """The arguments of a transfer: why, and everything that is known."""
        facts = [f"{' '.join(name_words(name))} {value}" for name, value in self.memory.items()]
        if self.name:
            facts.insert(0, f"my name is {self.name}")
        quotes = [*self.utterances[-3:], *([quote] if quote else [])]
        texts = {"reason": reason, "context": write_context(quotes, facts)}
        return {
            parameter.name: texts.get(parameter.name, reason)
            for parameter in tool.parameters
            if parameter.required or parameter.name in texts
        }

    def filled(self, tool: KnownTool) -> Task:
        """A task for any tool, with what all of the conversation says about it."""
        task = Task(tool)
        task.recall(self.memory, Kind)
        for text in self.utterances:
            task.take(task.hear(Utterance(text, self.today), self.rows))
        return task

    def _named_parameter(self, task: Task, utterance: Utterance) -> Parameter | None:
        """The parameter that the caller names: "the name is wrong"."""
        said = {token.text for token in utterance.tokens}
        for parameter in task.tool.parameters:
            if set(name_words(parameter.name)) & said and parameter.name in task.values:
                return parameter
        return None

    # What colleagues and tools said.

    def _take_over(self, briefing: Briefing) -> None:
        """The caller comes with a request, or comes back without one."""
        self.briefing = briefing
        self.task = self._latest = self.offered = self.asking = None
        self._confirming = self._adjusting = self._closing = False
        self.results = []
        self._misses = 0
        spoken = [*self.utterances, *(q for q in briefing.quotes if q not in self.utterances)]
        self.utterances = []
        self.turn = Turn.ELSE
        if briefing.is_done:
            return
        for text in (*reversed(spoken), briefing.reason, briefing.context):
            utterance = Utterance(text, self.today)
            own = [m for m in self._requests(utterance) if m.tool.role is not Role.TRANSFER]
            if not own:
                continue
            self._start(own[0].tool, utterance)
            if self.task:
                for said in (*([] if briefing.quotes else [briefing.context]), *spoken):
                    self.task.take(self.task.hear(Utterance(said, self.today), self.rows))
                self.memory |= self.task.values
            self.turn = Turn.TASK
            self.utterances = spoken
            return

    def _answered(self, call_id: str, output: str) -> None:
        name, arguments = self._calls.get(call_id, ("", {}))
        tool = self.toolbox.get(name)
        if name == "end_call":
            self.ended = True
        if tool is None or tool.role in (Role.TRANSFER, Role.END):
            self.turn = Turn.NOTHING
            if tool:
                self.task = None
            else:
                self._keep(read_result(name, output))
            return
        result = read_result(name, output)
        self.results.append(result)
        self.turn = Turn.RESULT
        task = self.task or Task(tool, arguments)
        if result.is_error:
            self._refused(task, result)
            return
        self._keep(result)
        if task.preview and task.preview.name == name:
            task.preview = None
            return
        self.utterances = []
        self.offered = self._follow_up(result)
        self._latest = None if tool.needs_confirmation else Task(tool, arguments)
        self.task = Task(task.afterwards, {}) if task.afterwards else None
        if self.task:
            self.task.recall(self.memory, _CARRIED)

    def _keep(self, result: Result) -> None:
        if result.rows and not result.is_error:
            self.rows = result.rows
        if not result.is_error:
            self.memory |= result.facts

    def _refused(self, task: Task, result: Result) -> None:
        """A tool said no: ask again for the value that it names, or give the task up."""
        said = result.summary.lower()
        self._latest = Task(task.tool, dict(task.values), preview=task.preview)
        for parameter in task.tool.required:
            value = task.values.get(parameter.name)
            named = isinstance(value, str) and len(value) > 2 and value.lower() in said
            spaced = isinstance(value, str) and value.isdigit() and " ".join(value) in said
            if named or spaced or parameter.name.lower() in said or parameter.label in said:
                task.forget(parameter.name)
                self.task = task
                return
        self.task = None

    def _follow_up(self, result: Result) -> KnownTool | None:
        """The tool that one of the result's rows could be given to."""
        for tool in self.toolbox.with_role(Role.FUNCTION) if result.rows else ():
            choosing = [p for p in tool.required if p.kind is Kind.ROW]
            if choosing and identifier(result.rows[0], choosing[0]) is not None:
                return tool
        return None

    def _recollection(self, text: str) -> tuple[str, Any] | None:
        """What was heard earlier and is asked for now: its words and the value."""
        words = set(name_words(text))
        if "name" in words and self.name:
            return "name", self.name
        for name, value in reversed(self.memory.items()):
            if set(name_words(name)) & words - {"number", "name", "what", "in", "on", "to"}:
                return " ".join(name_words(name)), value
        return None


def text_of(item: Mapping[str, Any]) -> str:
    """The words of a message, spoken or written."""
    parts = item.get("content") or ()
    texts = (part.get("text") or part.get("transcript") or "" for part in parts)
    return " ".join(text.strip() for text in texts if text and text.strip())


def _is_talk(name: str) -> bool:
    """Whether a tool's arguments are words between colleagues, not facts."""
    return name.startswith("transfer_to_") or name.endswith("_expert") or name == "end_call"


def _arguments(raw: object) -> dict[str, Any]:
    try:
        value = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
