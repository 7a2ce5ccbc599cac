"""What is known in a conversation: the task, what was heard and answered, what was just asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from emulators.realtime.minds.task import Rows, Task
from emulators.realtime.minds.turns import Turn
from emulators.realtime.minds.understanding.acts import verdict_of
from emulators.realtime.minds.understanding.briefing import Briefing, write_context
from emulators.realtime.minds.understanding.errand import Errand
from emulators.realtime.minds.understanding.intent import LEAST_SCORE, Match, rank
from emulators.realtime.minds.understanding.parameters import Kind, Parameter
from emulators.realtime.minds.understanding.results import Result, identifier
from emulators.realtime.minds.understanding.standing import StandingAnswer
from emulators.realtime.minds.understanding.toolbox import KnownTool, Role, Toolbox
from emulators.realtime.minds.understanding.utterance import Utterance
from emulators.realtime.minds.understanding.words import name_words

CONFIRMATION = "Shall I go ahead?"
"""Ends every confirmation, so that a "yes" is only taken for one when it was asked."""

READ_BACK = "Is that right?"
"""Ends what is read back to somebody of whom the agent wants something."""

PATIENCE = 3
"""Turns in a row that are not understood before a task is given up."""

CARRIED = frozenset((Kind.DATE, Kind.NUMBER, Kind.NAME, Kind.PLACE, Kind.EMAIL))
"""Kinds of values that are taken over from what was heard for another tool."""

_POINTING = re.compile(r"\b(that|this|it|same)\b", re.IGNORECASE)
_QUOTED = 3
"""Of the caller's sentences, in a handover's context."""


@dataclass(slots=True)
class State:
    """The state of a conversation.

    Attributes:
        toolbox: The tools that can be used now.
        today: What "tomorrow" is relative to.
        turn: What to respond to.
        task: What the caller wants done.
        latest: The task that was last carried out and can be varied ("and in Rome?").
        asking: The parameter that was just asked for.
        confirming: "Shall I go ahead?" was just asked.
        adjusting: "What should I change?" was just asked.
        closing: "Anything else?" was just asked.
        results: Answers of tools that have not been told yet.
        rows: What the latest list in an answer held.
        offered: A tool that could go on with ``rows``.
        more: The tool and page that the latest answer goes on with.
        options: Colleagues between whom the caller is to choose.
        memory: Everything heard so far, by parameter name.
        name: The caller's name, once told.
        paused: The task that goes on once a yes or a no has been noted.
        meanwhile: What the caller said beyond that yes or no.
        recalled: What the caller asks to be reminded of: its name and value.
        utterances: What the caller said about the present matter.
        said: What was said to the caller last.
        briefing: How the caller came here.
        ended: The end of the call is under way.
        errand: What the agent wants of the person on the line, where it has called.
        reply: What to say to their question about it, or to one that instructions answer.
        standing: The answers that instructions give.
        least_score: What a sentence needs to count as a request.
    """

    toolbox: Toolbox
    today: date
    turn: Turn = Turn.OPEN
    task: Task | None = None
    latest: Task | None = None
    asking: Parameter | None = None
    confirming: bool = False
    adjusting: bool = False
    closing: bool = False
    results: list[Result] = field(default_factory=list)
    rows: Rows = ()
    offered: KnownTool | None = None
    more: Task | None = None
    options: Sequence[KnownTool] = ()
    memory: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    recalled: tuple[str, Any] | None = None
    paused: Task | None = None
    meanwhile: Utterance | None = None
    utterances: list[str] = field(default_factory=list)
    said: str = ""
    briefing: Briefing | None = None
    ended: bool = False
    errand: Errand | None = None
    reply: str = ""
    standing: Sequence[StandingAnswer] = ()
    least_score: float = LEAST_SCORE

    def begin_errand(self, errand: Errand) -> Turn:
        """Takes up what the agent itself wants; returns what to respond to."""
        # What it is for may be anything, and says little about what is to be done.
        deed = Utterance(errand.request.partition(" for ")[0], self.today)
        if requests := rank(deed, self.toolbox):
            self.start(requests[0].tool, Utterance(errand.request, self.today))
        return Turn.TASK

    def requests(self, utterance: Utterance) -> list[Match]:
        """The tools that a sentence asks for, best first."""
        return [match for match in rank(utterance, self.toolbox) if match.score >= self.least_score]

    def start(self, tool: KnownTool, utterance: Utterance) -> None:
        """Begins a task with what the sentence and the conversation say about it."""
        if not self.options:
            self.utterances = []  # another matter: what was said before belongs to the last one
        self.options = ()
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
            self._fill(task, utterance)
        self.task = task

    def _fill(self, task: Task, utterance: Utterance) -> None:
        if self.latest and self.latest.tool is task.tool:
            task.values = dict(self.latest.values)
        task.take(task.hear(utterance, self.rows))
        if task.tool.verdict and (verdict := verdict_of(utterance.text)) is not None:
            task.values.setdefault(task.tool.verdict.name, verdict)
        if task.tool.needs_confirmation:
            task.recall(self.memory, CARRIED)
        if _POINTING.search(utterance.text):
            task.recall(self.memory, (Kind.DIGITS,))
        if self.errand:
            self._fill_errand(task, self.errand)
        for name in self.toolbox.credentials & self.memory.keys():
            if task.tool.parameter(name):
                task.values.setdefault(name, self.memory[name])
        for parameter in task.tool.of_kind(Kind.NAME) if self.name else ():
            task.values.setdefault(parameter.name, self.name)
        self.memory |= task.values

    def _fill_errand(self, task: Task, errand: Errand) -> None:
        """What is known of the errand, and which optional answers are worth a question."""
        for parameter in task.tool.parameters:
            if (value := errand.facts.get(parameter.name)) is not None:
                task.values[parameter.name] = value
        task.given = frozenset(task.values)
        if task.tool.needs_confirmation:
            worth = [p.name for p in task.tool.parameters if p.is_worth_asking]
            task.extra = [name for name in worth if name not in task.values]

    def drop_task(self) -> None:
        """The caller does not want it any more."""
        self.task = self.offered = None
        self.options = ()

    def arrive(self, briefing: Briefing) -> None:
        """The caller was handed over: what was asked before is a colleague's business."""
        self.briefing = briefing
        self.drop_task()
        self.latest = self.more = self.asking = self.paused = self.meanwhile = None
        self.confirming = self.adjusting = self.closing = False
        self.results = []
        self.utterances = []

    def keep(self, result: Result) -> None:
        """Remembers what an answer lists and identifies."""
        if not result.is_error:
            self.rows = result.rows or self.rows
            self.memory |= result.facts

    def handover(self, tool: KnownTool, *, reason: str, quote: str = "") -> dict[str, Any]:
        """The arguments of a transfer: why, and everything that is known."""
        facts = [f"{' '.join(name_words(name))} {value}" for name, value in self.memory.items()]
        if self.name:
            facts.insert(0, f"my name is {self.name}")
        quotes = [*self.utterances[-_QUOTED:], *([quote] if quote else [])]
        texts = {"reason": reason, "context": write_context(quotes, facts)}
        return {
            parameter.name: texts.get(parameter.name, reason)
            for parameter in tool.parameters
            if parameter.required or parameter.name in texts
        }

    def way_back(self) -> KnownTool | None:
        """The transfer to the colleague who sent the caller with a request."""
        if self.briefing is None or self.briefing.is_done:
            return None
        return self.toolbox.get(f"transfer_to_{self.briefing.who}")

    def filled(self, tool: KnownTool) -> Task:
        """A task for any tool, with what all of the conversation says about it."""
        task = Task(tool)
        task.recall(self.memory, Kind)
        for text in self.utterances:
            task.take(task.hear(Utterance(text, self.today), self.rows))
        return task

    def recollection(self, utterance: Utterance) -> tuple[str, Any] | None:
        """What was heard earlier and is asked for now: its words and the value."""
        words = {token.text for token in utterance.tokens}
        if "name" in words and self.name:
            return "your name is", self.name
        asked = words - {"number", "name", "what", "on", "to"}
        # The latest of those that have most words in common with the question.
        shared = {name: len(asked & set(name_words(name))) for name in reversed(self.memory)}
        name = max(shared, key=lambda known: shared[known], default="")
        return (" ".join(name_words(name)), self.memory[name]) if shared.get(name) else None
