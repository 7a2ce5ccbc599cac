"""The default mind: rules that work with any tools, from their names, descriptions and schemas."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from emulators.realtime.mind import Call, Prompt, Say
from emulators.realtime.minds import wording
from emulators.realtime.minds.dialogue import CONFIRMATION, Dialogue, Turn, text_of
from emulators.realtime.minds.task import Ask, Confirm, Run
from emulators.realtime.minds.understanding.briefing import NOTHING_ELSE
from emulators.realtime.minds.understanding.intent import rank
from emulators.realtime.minds.understanding.toolbox import KnownTool, Role, Toolbox
from emulators.realtime.minds.understanding.utterance import Utterance

_DIRECTIVE = re.compile(r"say to the caller:\s*[\"“](.*)[\"”]", re.IGNORECASE | re.DOTALL)
_QUESTION_AT_END = re.compile(r"(?<=[.!?])\s[^.!?]*\?$")


class RulesMind:
    """Implements `emulators.realtime.mind.Mind` without a model.

    It finds the tool that an utterance asks for, asks for each missing required parameter,
    confirms calls whose description says ``ask the caller to confirm``, tells results by their
    ``summary``, and transfers to the colleague who fits. It knows nothing but the prompt.

    Args:
        today: Tells the date that "tomorrow" and dates without a year are relative to.
    """

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        self._today = today

    async def respond(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """See `emulators.realtime.mind.Mind.respond`."""
        for action in _respond(prompt, self._today()):
            yield action


def _respond(prompt: Prompt, today: date) -> Iterator[Say | Call]:
    if words := _directive(prompt):
        yield Say(words)
        return
    toolbox = Toolbox(() if prompt.tool_choice == "none" else prompt.tools)
    dialogue = Dialogue(toolbox, today)
    dialogue.read(prompt.items)
    forced = _forced(prompt.tool_choice, toolbox, dialogue)
    if forced:
        yield Call(forced.name, _arguments(forced, dialogue))
        return
    replies = _OutOfBand(dialogue) if prompt.out_of_band else _Replies(dialogue)
    yield from replies.actions()


def _directive(prompt: Prompt) -> str | None:
    """Words that the response's instructions, or a system message since, have the mind say."""
    texts = [prompt.instructions] if prompt.instructions != prompt.session_instructions else []
    for item in reversed(prompt.items):
        if item.get("type") != "message" or item.get("role") not in ("system", "developer"):
            break
        texts.append(text_of(item))
    for text in texts:
        if found := _DIRECTIVE.search(text):
            return found[1].strip()
    return None


def _forced(
    choice: str | Mapping[str, Any], toolbox: Toolbox, dialogue: Dialogue
) -> KnownTool | None:
    """The tool that ``tool_choice`` has the mind call."""
    if isinstance(choice, Mapping):
        return toolbox.get(str(choice.get("name")))
    if choice != "required":
        return None
    if dialogue.task:
        return dialogue.task.tool
    spoken = dialogue.utterances[-1] if dialogue.utterances else ""
    ranked = rank(Utterance(spoken, dialogue.today), toolbox)
    return ranked[0].tool if ranked else next(iter(toolbox), None)


def _arguments(tool: KnownTool, dialogue: Dialogue) -> dict[str, Any]:
    """What the conversation says about a tool's parameters."""
    if dialogue.task and dialogue.task.tool is tool:
        return dialogue.task.arguments
    return dialogue.filled(tool).arguments


class _Replies:
    """What to say and do, by what the last turn calls for."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._toolbox = dialogue.toolbox

    def actions(self) -> Iterator[Say | Call]:
        """Everything of one response, in order."""
        match self._dialogue.turn:
            case Turn.TASK:
                yield from self._task()
            case Turn.RESULT:
                yield Say(self._results())
            case Turn.DONE:
                yield from self._done()
            case Turn.GOODBYE:
                yield from self._end("The caller said goodbye.", wording.FAREWELL)
            case Turn.HOPELESS:
                sorry = "I am sorry, I cannot understand you on this line. Please call again."
                yield from self._end("The caller could not be understood.", f"{sorry} Goodbye!")
            case turn:
                if words := self._talk(turn):
                    yield Say(words)

    def _talk(self, turn: Turn) -> str:
        dialogue = self._dialogue
        if dialogue.ended:
            return ""
        match turn:
            case Turn.OPEN:
                return wording.HOW_CAN_I_HELP
            case Turn.ELSE:
                return wording.ANYTHING_ELSE
            case Turn.ADJUST:
                return "All right. What should I change?"
            case Turn.NOTED:
                return f"Thank you, {dialogue.name}. {self._pending()}"
            case Turn.UNAVAILABLE:
                return f"I am sorry, I can't help with that. {wording.abilities(self._toolbox)}"
            case Turn.UNCLEAR:
                return f"Sorry, I did not understand that. {self._pending()}"
            case Turn.GAVE_UP:
                return f"I am sorry, I still don't get it. {wording.abilities(self._toolbox)}"
            case Turn.SILENCE:
                return f"Sorry, I did not hear you. {self._pending()}"
            case Turn.GREETING:
                return f"Hello! {self._pending()}"
            case Turn.THANKS:
                return f"You are welcome. {self._pending(wording.ANYTHING_ELSE)}"
            case Turn.HELP:
                return f"{wording.abilities(self._toolbox)} {self._pending()}"
            case Turn.REPEAT:
                return dialogue.said or wording.HOW_CAN_I_HELP
            case Turn.RECALL:
                return self._recollection()
            case Turn.WAIT:
                return "Of course, take your time."
            case _:
                return ""

    def _task(self) -> Iterator[Say | Call]:
        task = self._dialogue.task
        if task is None:
            return
        step = task.step()
        if isinstance(step, Run):
            if step.tool.role is Role.TRANSFER:
                yield Say(wording.connecting(step.tool))
            yield Call(step.tool.name, step.arguments)
        else:
            yield Say(self._pending())

    def _results(self) -> str:
        dialogue = self._dialogue
        told = " ".join(_sentence(result.summary) for result in dialogue.results)
        if dialogue.task:
            return f"{told} {self._pending(told=True)}"
        if told.endswith("?"):
            return told
        if dialogue.offered and not dialogue.results[-1].is_error:
            return f"{told} Would you like one of these?"
        return f"{told} {wording.ANYTHING_ELSE}"

    def _pending(self, otherwise: str = wording.HOW_CAN_I_HELP, *, told: bool = False) -> str:
        """The open question of the task, or another one when there is no task."""
        dialogue = self._dialogue
        if dialogue.task is None:
            return wording.WHICH_ONE if dialogue.offered else otherwise
        step = dialogue.task.step()
        if isinstance(step, Ask):
            return wording.question(step, dialogue.rows)
        if isinstance(step, Confirm) and told:
            return f"I will {wording.deed(dialogue.task.tool)}. {CONFIRMATION}"
        if isinstance(step, Confirm):
            return wording.confirmation(
                dialogue.task, dialogue.rows, dialogue.today, closing=CONFIRMATION
            )
        return otherwise

    def _recollection(self) -> str:
        dialogue = self._dialogue
        if dialogue.turn is Turn.RECALL and dialogue.recalled:
            name, value = dialogue.recalled
            return f"You said {name} {wording.spoken(value, dialogue.today)}."
        return "I am sorry, you have not told me that yet."

    def _done(self) -> Iterator[Say | Call]:
        """The caller wants nothing more: back to the colleague they came from, or the end."""
        briefing = self._dialogue.briefing
        if briefing and not briefing.is_done:
            for tool in self._toolbox.with_role(Role.TRANSFER):
                if tool.name == f"transfer_to_{briefing.who}":
                    yield Call(tool.name, self._dialogue.handover(tool, reason=NOTHING_ELSE))
                    return
        yield from self._end("The caller needs nothing else.", wording.FAREWELL)

    def _end(self, reason: str, words: str) -> Iterator[Say | Call]:
        yield Say(words)
        if tool := self._toolbox.end:
            yield Call(tool.name, {"reason": reason} if tool.parameter("reason") else {})


class _OutOfBand(_Replies):
    """Answers where nobody can be asked: what is missing is assumed, or named."""

    def actions(self) -> Iterator[Say | Call]:
        """See the base class."""
        dialogue = self._dialogue
        if dialogue.turn is Turn.RESULT:
            told = " ".join(_sentence(result.summary) for result in dialogue.results)
            yield Say(_QUESTION_AT_END.sub("", told) or told)
        elif dialogue.turn is Turn.TASK and dialogue.task:
            dialogue.task.assume(dialogue.today)
            step = dialogue.task.step()
            if isinstance(step, Run):
                yield Call(step.tool.name, step.arguments)
            elif isinstance(step, Ask):
                yield Say(f"That depends: I would need to know the {step.parameter.label}.")
            else:
                yield Say("I can't do that without the caller's consent.")
        else:
            yield Say(self._account())

    def _account(self) -> str:
        """What is known of the conversation, for a question that fits no tool."""
        known: Sequence[str] = [
            f"{name.replace('_', ' ')} {wording.spoken(value, self._dialogue.today)}"
            for name, value in self._dialogue.memory.items()
        ]
        said = "; ".join(self._dialogue.utterances)
        parts = [f"The caller said: {said}." if said else "", *(f"{fact}." for fact in known)]
        return " ".join(part for part in parts if part) or "I do not know."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
