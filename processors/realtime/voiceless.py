"""What happens to a call that no model can speak in: it goes on in writing, or is given up."""

from collections.abc import Awaitable, Callable

from agents.team import Agent
from processors.events.calls import Problem
from processors.events.conversation import SessionState
from processors.events.event import Emit
from processors.realtime.function_calls import Round
from processors.realtime.outcomes import Outcomes
from processors.realtime.session import SessionError
from processors.text_mode.text_mode import TextMode


class Voiceless:
    """Stands in for the sessions while there are none.

    Args:
        text_mode: Holds the call in writing; None gives it up instead.
        outcomes: Acts on function calls while there is a voice.
        emit: Takes events.
        on_unavailable: The call is given up.
    """

    def __init__(
        self,
        text_mode: TextMode | None,
        outcomes: Outcomes,
        emit: Emit,
        on_unavailable: Callable[[str], Awaitable[None]],
    ) -> None:
        self._text_mode = text_mode
        self._outcomes = outcomes
        self._emit = emit
        self._on_unavailable = on_unavailable

    @property
    def agent(self) -> Agent | None:
        """Who has the caller in writing; None while there is a voice."""
        return self._text_mode.agent if self._text_mode else None

    async def begin(self, agent: Agent, why: str) -> None:
        """No endpoint serves the call any more."""
        if self._text_mode:
            self._text_mode.begin(agent, why)
        else:
            await self.give_up(why)

    async def give_up(self, why: str) -> None:
        """Nothing can serve it."""
        self._emit(SessionState(state="failed", detail=why))
        self._emit(Problem(source="realtime", code="unavailable", message=why, fatal=True))
        await self._on_unavailable(why)

    async def act(self, round_: Round) -> None:
        """All calls of a response, or of what was written, have their results."""
        if self.agent is None:
            try:
                await self._outcomes.act(round_)
            except SessionError:
                # The voice went away meanwhile.
                pass
            else:
                return
        if self._text_mode:
            await self._text_mode.act(round_)

    def hush(self) -> None:
        """A person talks with the caller from now on: the agent writes nothing."""
        if self._text_mode:
            self._text_mode.hush()

    def come_back(self, line: str) -> None:
        """The agent has the caller again, and opens with ``line`` in writing, if anybody reads."""
        if self._text_mode:
            self._text_mode.come_back(line)

    def answer(self) -> None:
        """The agent answers what it was told, in writing, if anybody reads."""
        if self._text_mode and self.agent:
            self._text_mode.answer()

    async def say(self, text: str) -> None:
        """The line is written, if anybody reads."""
        if self._text_mode:
            await self._text_mode.say(text)

    async def close(self) -> None:
        """Frees everything."""
        if self._text_mode:
            await self._text_mode.close()
