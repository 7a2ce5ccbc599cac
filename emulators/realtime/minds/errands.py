"""What the rules mind says and does where it has called, and wants something itself."""

from collections.abc import Iterator

from emulators.realtime.mind import Call, Say
from emulators.realtime.minds import wording
from emulators.realtime.minds.replies import Replies
from emulators.realtime.minds.state import READ_BACK, State
from emulators.realtime.minds.task import Confirm, Run, Task
from emulators.realtime.minds.turns import Turn
from emulators.realtime.minds.understanding.errand import Errand
from emulators.realtime.minds.understanding.toolbox import Role

ANYTHING_ELSE = "Is there anything else that I should know?"
THANKS = "Thank you for your help. Goodbye!"
SORRY = "I see. Thank you anyway. Goodbye!"


class ErrandReplies(Replies):
    """Opens with the request, asks for what a tool needs, reads it back, thanks and ends.

    Args:
        state: Of the conversation.
        errand: What is wanted.
    """

    def __init__(self, state: State, errand: Errand) -> None:
        super().__init__(state)
        self._errand = errand

    def actions(self) -> Iterator[Say | Call]:
        """See the base class."""
        match self._state.turn:
            case _ if self._state.ended:
                return
            case Turn.DECLINED:
                yield from self._end("They could not help.", SORRY)
            case Turn.GOODBYE | Turn.DONE:
                yield from self._end("All is done.", THANKS)
            case Turn.GAVE_UP | Turn.HOPELESS:
                yield from self._end("They could not be understood.", THANKS)
            case Turn.ASKED:
                yield Say(f"{self._state.reply} {self._pending()}".strip())
            case _:
                yield from super().actions()

    def _task(self) -> Iterator[Say | Call]:
        task = self._state.task
        step = task.step() if task else None
        if isinstance(step, Run):
            told = self._told()
            if step.tool.role is Role.TRANSFER and not self._state.said:
                # The colleague goes on: for the other side it is one call.
                told = self._errand.opening
            if told:
                yield Say(told)
            yield Call(step.tool.name, step.arguments)
        else:
            asked = self._pending("Can you help me with that?")
            yield Say(f"{self._told()} {asked}".strip())

    def _told(self) -> str:
        return super()._told() if self._state.said else self._errand.opening

    def _results(self) -> str:
        told = self._told()
        return f"{told} {self._pending(ANYTHING_ELSE) if self._state.task else ANYTHING_ELSE}"

    def _pending(self, otherwise: str = ANYTHING_ELSE, *, told: bool = False) -> str:
        task = self._state.task
        if task and isinstance(task.step(), Confirm):
            return self._read_back(task)
        if otherwise == wording.HOW_CAN_I_HELP:
            otherwise = ANYTHING_ELSE
        return super()._pending(otherwise, told=told)

    def _read_back(self, task: Task) -> str:
        """What they have said, without what they were told."""
        heard = [
            wording.detail(parameter, task.values[parameter.name], (), self._state.today)
            for parameter in task.tool.parameters
            if task.values.get(parameter.name) not in (None, "")
            and parameter.name not in task.given
        ]
        return f"{wording.intention(task.tool)[:-1]}: {', '.join(heard)}. {READ_BACK}"
