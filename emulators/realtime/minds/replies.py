"""What the rules mind says and does, by what the last turn calls for."""

import re
from collections.abc import Iterator, Sequence

from emulators.realtime.mind import Call, Say
from emulators.realtime.minds import wording
from emulators.realtime.minds.state import CONFIRMATION, State
from emulators.realtime.minds.task import Ask, Confirm, Run
from emulators.realtime.minds.turns import Turn
from emulators.realtime.minds.understanding.briefing import NOTHING_ELSE
from emulators.realtime.minds.understanding.toolbox import Role

_QUESTION_AT_END = re.compile(r"(?<=[.!?])\s[^.!?]*\?$")


class Replies:
    """What to say and do, by what the last turn calls for."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._toolbox = state.toolbox

    def actions(self) -> Iterator[Say | Call]:
        """Everything of one response, in order."""
        match self._state.turn:
            case Turn.TASK:
                yield from self._task()
            case Turn.RESULT:
                yield Say(self._results())
            case Turn.DONE:
                yield from self._done()
            case Turn.LEAVING:
                yield from self._end("What the caller said ends the call.", self._state.reply)
            case Turn.GOODBYE:
                yield from self._end("The caller said goodbye.", wording.FAREWELL)
            case Turn.HOPELESS:
                sorry = "I am sorry, I cannot understand you on this line. Please call again."
                yield from self._end("The caller could not be understood.", f"{sorry} Goodbye!")
            case turn:
                if words := self._talk(turn):
                    yield Say(words)

    def _talk(self, turn: Turn) -> str:
        state = self._state
        if state.ended:
            return ""
        match turn:
            case Turn.OPEN:
                return wording.HOW_CAN_I_HELP
            case Turn.ELSE:
                return wording.ANYTHING_ELSE
            case Turn.ADJUST:
                return "All right. What should I change?"
            case Turn.NOTED:
                return f"Thank you, {state.name}. {self._pending()}"
            case Turn.CHOOSE:
                return wording.choice(state.options)
            case Turn.ELSEWHERE:
                abilities = wording.abilities(self._toolbox)
                return f"I am sorry, I can't help with that. {self._pending(abilities)}"
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
            case Turn.ANSWERED:
                return f"{state.reply} {self._pending(wording.ANYTHING_ELSE)}"
            case Turn.HELP:
                return f"{wording.abilities(self._toolbox)} {self._pending()}"
            case Turn.REPEAT:
                return state.said or wording.HOW_CAN_I_HELP
            case Turn.RECALL:
                return self._recollection()
            case Turn.WAIT:
                return "Of course, take your time."
            case _:
                return ""

    def _task(self) -> Iterator[Say | Call]:
        task = self._state.task
        if task is None:
            return
        step = task.step()
        told = self._told()
        if isinstance(step, Run):
            if step.tool.role is Role.TRANSFER:
                told = f"{told} {wording.connecting(step.tool)}".strip()
            if told:
                yield Say(told)
            yield Call(step.tool.name, step.arguments)
        else:
            yield Say(f"{told} {self._pending()}".strip())

    def _told(self) -> str:
        return " ".join(_sentence(result.summary) for result in self._state.results)

    def _results(self) -> str:
        state = self._state
        told = self._told()
        if state.task:
            return f"{told} {self._pending(told=True)}"
        if told.endswith("?"):
            return told
        tool = self._toolbox.get(state.results[-1].tool)
        if tool and tool.verdict:
            return f"{told} {wording.HOW_CAN_I_HELP}"
        if state.offered and not state.results[-1].is_error:
            return f"{told} Would you like one of these?"
        return f"{told} {wording.ANYTHING_ELSE}"

    def _pending(self, otherwise: str = wording.HOW_CAN_I_HELP, *, told: bool = False) -> str:
        """The open question of the task, or another one when there is no task."""
        state = self._state
        if state.task is None and state.options:
            return wording.choice(state.options)
        if state.task is None:
            return wording.WHICH_ONE if state.offered else otherwise
        step = state.task.step()
        if isinstance(step, Ask) and state.task.tool.question:
            return state.task.tool.question
        if isinstance(step, Ask):
            return wording.question(step, state.rows)
        if isinstance(step, Confirm) and told:
            return f"{wording.intention(state.task.tool)} {CONFIRMATION}"
        if isinstance(step, Confirm):
            return wording.confirmation(state.task, state.rows, state.today, closing=CONFIRMATION)
        return otherwise

    def _recollection(self) -> str:
        if self._state.recalled is None:
            return "I am sorry, you have not told me that yet."
        name, value = self._state.recalled
        return f"You said {name} {wording.spoken(value, self._state.today)}."

    def _done(self) -> Iterator[Say | Call]:
        """The caller wants nothing more: back to the colleague they came from, or the end."""
        if way_back := self._state.way_back():
            yield Call(way_back.name, self._state.handover(way_back, reason=NOTHING_ELSE))
        else:
            yield from self._end("The caller needs nothing else.", wording.FAREWELL)

    def _end(self, reason: str, words: str) -> Iterator[Say | Call]:
        yield Say(words)
        if tool := self._toolbox.end:
            yield Call(tool.name, {"reason": reason} if tool.parameter("reason") else {})


class OutOfBandReplies(Replies):
    """Answers where nobody can be asked: what is missing is assumed, or named."""

    def actions(self) -> Iterator[Say | Call]:
        """See the base class."""
        state = self._state
        if state.turn is Turn.RESULT:
            told = self._told()
            yield Say(_QUESTION_AT_END.sub("", told) or told)
        elif state.turn is Turn.TASK and state.task:
            state.task.assume(state.today)
            step = state.task.step()
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
            f"{name.replace('_', ' ')} {wording.spoken(value, self._state.today)}"
            for name, value in self._state.memory.items()
        ]
        said = "; ".join(self._state.utterances)
        parts = [f"The caller said: {said}." if said else "", *(f"{fact}." for fact in known)]
        return " ".join(part for part in parts if part) or "I do not know."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
