"""A caller with a telephone in his hand: hears the agent out, thinks, speaks, interrupts."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from emulators.twilio.caller import Turn
from emulators.twilio.frames import samples
from emulators.twilio.suite.call_view import CallView
from emulators.twilio.suite.mouth import Voice
from emulators.twilio.suite.player import Heard, Line, Player
from emulators.twilio.suite.scenario import Scenario
from emulators.twilio.suite.steps import Step
from emulators.twilio.telephone import Telephone

LEAST_ANSWER_S = 0.2
"""Sound of the agent's after the caller's own words that counts as the beginning of an answer."""

ViewOfCall = Callable[[], Awaitable[CallView | None]]


class SimulatedCaller:
    """A `emulators.twilio.party.Party`.

    When it is his turn he knows by his ear, in the line's own time, and by the service's events:
    the agent has to be silent and to have finished. What the agent said he knows by the events.

    Args:
        scenario: The call.
        player: Decides what he does.
        mouth: His voice.
        find_view: Gives the events of the call once it is connected; ``None``: there are none.
        called: Whether he was called, and speaks first.

    Attributes:
        turns: What he did, and when.
        story: The conversation as he knows it.
        memory: What he remembered.
        hung_up: Whether he ended the call by his own will.
        gave_up: Whether the call took longer than the scenario allows.
    """

    def __init__(
        self,
        scenario: Scenario,
        player: Player,
        mouth: Voice,
        find_view: ViewOfCall,
        *,
        called: bool = False,
    ) -> None:
        self.turns: list[Turn] = []
        self.story: list[Line] = []
        self.memory: dict[str, str] = {}
        self.hung_up = False
        self.gave_up = False
        self._scenario = scenario
        self._player = player
        self._mouth = mouth
        self._find_view = find_view
        self._called = called
        self._audio: dict[str, bytes] = {}
        self._view: CallView | None = None
        self._mark = 0

    async def prepare(self) -> None:
        """Synthesises the lines that are known. Raises ``ValueError`` for one that can't be."""
        scenario = self._scenario
        steps = (*scenario.lines, *scenario.rules, scenario.otherwise)
        lines = [step.say for step in steps if step.say and "{" not in step.say]
        for text in [*lines, *([scenario.persona.greeting] if self._called else [])]:
            await self._spoken(text)

    async def talk(self, phone: Telephone) -> None:
        """Plays his part until he hangs up or the call is ended from elsewhere."""
        phone.room = self._mouth.room
        playing = asyncio.create_task(self._play(phone))
        limit = asyncio.create_task(phone.until(lambda: False, timeout_s=self._scenario.longest_s))
        try:
            await asyncio.wait({playing, limit}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
            else:
                self.gave_up = True
            self.hung_up = True
        finally:
            playing.cancel()
            limit.cancel()
            await asyncio.wait({playing, limit})

    async def _play(self, phone: Telephone) -> None:
        if self._called:
            greeting = self._scenario.persona.greeting
            await self._say(phone, greeting)
            self.story.append(Line(True, greeting, 0, phone.position))
        self._view = await self._find_view()
        needs_answer = True
        while True:
            await self._await_turn(phone, needs_answer=needs_answer)
            said = self._take_in(phone)
            step = await self._player.next(Heard(said, self.memory, self.story))
            start = phone.position
            self._mark = self._view.mark if self._view else 0
            needs_answer = step.wait_s is None
            self.story.append(Line(True, str(step), start, start))
            if step.hang_up:
                return
            await self._do(phone, step)
            self.story[-1].end = phone.position

    async def _do(self, phone: Telephone, step: Step) -> None:
        if step.say:
            await self._say(phone, step.say)
        elif step.press:
            start = phone.position
            await phone.press(step.press)
            self.turns.append(Turn(step.press, True, start, phone.position))
        elif step.wait_s:
            await phone.pause(step.wait_s)
        else:
            await phone.until(lambda: False, timeout_s=None)

    async def _say(self, phone: Telephone, text: str) -> None:
        span = await phone.say(await self._spoken(text))
        self.turns.append(Turn(text, False, span.start, span.end))

    async def _spoken(self, text: str) -> bytes:
        if text not in self._audio:
            self._audio[text] = await self._mouth.say(text)
        return self._audio[text]

    async def _await_turn(self, phone: Telephone, *, needs_answer: bool) -> None:
        """Returns when the agent has finished, or is to be interrupted, or says nothing."""
        own_end = max(phone.position if not needs_answer else 0, self._own_end())
        quiet = samples(self._scenario.persona.quiet_s)
        patience = samples(self._scenario.persona.patience_s)

        def silent_for() -> int:
            return min(phone.ear.quiet, phone.position - own_end)

        def is_my_turn() -> bool:
            if silent_for() >= patience:
                return True
            if self._interrupts(phone, own_end):
                return True
            if silent_for() < quiet or self._view is None:
                return False
            if self._view.is_closing(self._mark):
                return False
            return self._view.is_done(self._mark, needs_answer=needs_answer)

        await phone.until(is_my_turn, timeout_s=None)

    def _interrupts(self, phone: Telephone, own_end: int) -> bool:
        """Whether this is the moment to speak although the agent speaks."""
        if self._view is None or not self._view.is_speaking(self._mark):
            return False
        step = self._player.interruption(Heard(self._view.said_since(self._mark)))
        if step is None or step.interrupt_after_s is None:
            return False
        begun = [max(span.start, own_end) for span in phone.ear.spans if span.end > own_end]
        least = samples(max(step.interrupt_after_s, LEAST_ANSWER_S))
        return bool(begun) and phone.position - begun[0] >= least

    def _own_end(self) -> int:
        return self.turns[-1].end if self.turns else 0

    def conclude(self, phone: Telephone) -> None:
        """Takes in what was said last, once the call is over and all of its events are there."""
        self._take_in(phone)

    def _take_in(self, phone: Telephone) -> str:
        """What the agent has said since the last step, and what is to be remembered of it."""
        said = self._view.said_since(self._mark) if self._view else ""
        if said:
            start = self.story[-1].start if self.story else 0
            self.story.append(Line(False, said, start, phone.position))
        for name, pattern in self._scenario.remember.items():
            if found := re.search(pattern, said, re.IGNORECASE):
                self.memory[name] = (found[1] if found.re.groups else found[0]).strip()
        return said
