"""Calls that are to find something out: what is said and done when a tool takes answers down."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from emulators.realtime.mind import Call, Say
from emulators.realtime.minds.dialogue import text_of
from emulators.realtime.minds.form import Question, Unheard, agreement, questions_of
from emulators.realtime.minds.understanding.acts import Act, act_of
from emulators.realtime.minds.understanding.matter import Matter
from emulators.realtime.minds.understanding.toolbox import KnownTool
from emulators.realtime.minds.understanding.words import plain

THANKS = "Thank you for your time. Goodbye!"
SORRY = "I am sorry to have disturbed you. Goodbye!"
UNHEARD = "I am sorry, I cannot understand you on this line. Goodbye!"

ONCE_MORE = 2
"""A question is asked so often before the next one comes."""

PATIENCE = 3
"""Turns in a row that nothing could be made of before the call is ended."""

_STOP = re.compile(
    r"\b(do not|don't|stop|never) call(ing)?\b|\bleave me alone\b|\bnot interested\b|\bbusy\b"
    r"|\b(no|not have|don't have|haven't( got)?)( any| the| enough)? time\b|\bwrong number\b"
    r"|\bnot a good (time|moment)\b|\bbad (time|moment)\b"
)
_WHO = re.compile(
    r"\bwho (is|are|am i|'s)\b|\bwho's\b|\bwho is calling\b|\bwhat is (this|it) about\b"
    r"|\bwhat('s| is) this\b|\b(robot|machine|real person|human)\b|\bwhy (are|did|do) you call"
)
_QUESTION_AT_END = re.compile(r"[^.!?]*\?\s*$")


class Interview:
    """Reads a conversation's items anew each time, and says what comes next.

    It opens, tells what the call is about once the person on the line agrees to listen, asks one
    question after another, records each answer as it comes, thanks, and ends the call.

    Args:
        form: The tool that takes the answers down.
        end: The tool that ends the call.
        matter: What the instructions have to be told and asked.
        today: What "tomorrow" is relative to.
    """

    def __init__(self, form: KnownTool, end: KnownTool | None, matter: Matter, today: date) -> None:
        self._form = form
        self._end = end
        self._matter = matter
        self._today = today
        asked = questions_of(form.parameters, matter.questions)
        self._outcome = next((each for each in asked if each.is_outcome), None)
        self._questions = [each for each in asked if each is not self._outcome]
        self._recorded: dict[str, Any] = {}
        self._settled: set[str] = set()
        self._opening = ""
        self._said = ""
        self._words: list[str] = []
        self._agreed = False
        self._told = False
        self._asking: Question | None = None
        self._narrowing = False
        self._misses = 0
        self._asked_again = 0
        self._note = ""
        self._answer: dict[str, Any] = {}
        self._repeats = False
        self._farewell = ""
        self._ended = False

    def read(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Takes all items of a conversation in."""
        names: dict[str, str] = {}
        for item in items:
            match item.get("type"):
                case "message" if item.get("role") == "user":
                    self._heard(text_of(item))
                case "message" if item.get("role") == "assistant" and text_of(item):
                    self._spoke(text_of(item))
                case "function_call":
                    names[str(item.get("call_id"))] = str(item.get("name"))
                    if item.get("name") == self._form.name:
                        self._took_down(str(item.get("arguments") or ""))
                    self._ended = self._ended or _is(self._end, item)
                case "function_call_output":
                    if names.get(str(item.get("call_id"))) != self._form.name:
                        # Something else was done on the way; whoever did it speaks.
                        self._note = ""

    def actions(self) -> Iterator[Say | Call]:
        """Everything of one response, in order."""
        if self._ended:
            return
        if self._answer:
            yield Call(self._form.name, self._answer)
        elif self._repeats and self._said:
            yield Say(self._said)
        elif not self._opening and self._matter.opening:
            yield Say(self._matter.opening)
        elif not self._farewell and not self._agreed and self._opening:
            again = self._matter.opening if self._was_cut_off else self._opening_question
            yield Say(f"{self._note} {again}".strip())
        elif self._farewell or self._due is None:
            yield from self._goodbye()
        else:
            yield Say(self._next_words(self._due))

    # What was said.

    def _heard(self, text: str) -> None:
        self._note, self._answer, self._repeats = "", {}, False
        if not self._opening:
            return
        act = act_of(text)
        if act is Act.SILENCE:
            self._missed("Sorry, I did not hear you.")
        elif act is Act.REPEAT:
            self._repeats = True
        elif act is Act.WAIT:
            self._note = "Of course, take your time."
        elif act is Act.GOODBYE:
            self._farewell = THANKS if self._recorded else SORRY
        elif _STOP.search(plain(text)):
            self._farewell = SORRY
        elif _WHO.search(plain(text)):
            self._note = _QUESTION_AT_END.sub("", self._opening).strip()
        elif not self._agreed:
            self._answer_opening(text, act)
        elif act is Act.GREETING:
            self._note = "Hello!"
        elif self._asking:
            self._words.append(text)
            self._answer_question(self._asking, text)

    def _answer_opening(self, text: str, act: Act | None) -> None:
        agrees = agreement(text)
        if not self._opening_question:
            self._agreed = True
        elif act is Act.GREETING:
            self._note = "Hello!"
        elif agrees is None:
            self._missed("Sorry, I did not understand that.")
        else:
            self._agreed, self._misses = agrees, 0
            self._farewell = "" if agrees else SORRY

    def _answer_question(self, question: Question, text: str) -> None:
        value = question.answer(text, self._today, narrowing=self._narrowing)
        self._narrowing = False
        is_vague = value is Unheard.UNCLEAR or value is True
        if is_vague and self._opens_another(text):
            self._settle(question)
        elif value is Unheard.UNCLEAR:
            self._missed("Sorry, I did not understand that.")
            self._asked_again += 1
            if self._asked_again >= ONCE_MORE:
                self._settle(question)
        elif value is Unheard.SKIPPED:
            self._settle(question)
            self._note = "All right."
        elif value is Unheard.NARROWS:
            self._narrowing, self._misses = True, 0
        elif question.parameter is None:
            self._settle(question)
        elif value is False and not self._asked_again and _asks_for_clarity(question):
            # What was not understood is said once more before it counts.
            self._told, self._asked_again = False, 1
        else:
            self._answer, self._misses = {question.name: value}, 0

    def _missed(self, note: str) -> None:
        self._note = note
        self._misses += 1
        if self._misses >= PATIENCE:
            self._farewell = UNHEARD

    def _settle(self, question: Question) -> None:
        self._settled.add(question.name)
        self._asked_again = self._misses = 0

    def _opens_another(self, text: str) -> bool:
        return any(
            each.condition and each.name not in self._settled and each.applies([text])
            for each in self._questions
        )

    # What was done.

    def _spoke(self, text: str) -> None:
        if not self._opening:
            self._opening = text
        elif self._agreed:
            self._told = True
            self._asking = self._due
        self._said, self._note, self._repeats = text, "", False

    def _took_down(self, arguments: str) -> None:
        try:
            given = json.loads(arguments)
        except ValueError:
            given = {}
        if isinstance(given, dict):
            self._recorded |= given
            self._settled |= given.keys()
        self._answer, self._asking, self._asked_again = {}, None, 0

    # What comes next.

    @property
    def _due(self) -> Question | None:
        """The first question that is open and to be asked."""
        said = [*self._words, *(str(value) for value in self._recorded.values())]
        return next(
            (
                each
                for each in self._questions
                if each.name not in self._settled and each.applies(said)
            ),
            None,
        )

    @property
    def _was_cut_off(self) -> bool:
        """Whether they spoke into the opening before it had said who calls and why."""
        return self._opening in self._matter.opening and self._opening != self._matter.opening

    @property
    def _opening_question(self) -> str:
        whole = self._matter.opening if self._was_cut_off else self._opening
        found = _QUESTION_AT_END.search(whole)
        return found[0].strip() if found else ""

    def _next_words(self, due: Question) -> str:
        facts = "" if self._told else " ".join(self._matter.facts)
        if self._narrowing:
            return f"{self._note} {due.narrower}".strip()
        again = self._asking is due and self._asked_again and not facts
        asked = due.hint if again and due.hint and due.is_yes_no is False else due.asked
        return " ".join(part for part in (self._note, facts, asked) if part)

    def _goodbye(self) -> Iterator[Say | Call]:
        outcome = self._outcome
        if outcome and outcome.name not in self._settled and self._words:
            said = " ".join(f'"{words}"' for words in self._words)
            yield Call(self._form.name, {outcome.name: f"They said: {said}"})
            return
        facts = "" if self._told or self._farewell else " ".join(self._matter.facts)
        yield Say(f"{facts} {self._farewell or THANKS}".strip())
        if self._end:
            reason = "the call was not wanted" if self._farewell == SORRY else "all is done"
            yield Call(self._end.name, {"reason": reason} if self._end.parameter("reason") else {})


def _is(tool: KnownTool | None, item: Mapping[str, Any]) -> bool:
    return tool is not None and item.get("name") == tool.name


def _asks_for_clarity(question: Question) -> bool:
    return bool(re.search(r"\b(clear|understood|understand)\b", question.text, re.IGNORECASE))
