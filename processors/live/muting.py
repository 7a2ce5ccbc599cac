"""Who may not be heard, in a session whose model can't be told to be silent."""

from collections.abc import Awaitable, Callable

from pipecat.frames.frames import Frame, InterruptionFrame

from processors.live.agent_voice import AgentVoice
from processors.live.caller import Caller
from processors.realtime.muting import Side


class Muting:
    """Takes the voice from a side, and gives it back.

    A muted caller is silence to the model. What the model says is not passed on while the agent is
    muted, stands aside for a person, or the caller is away.

    Args:
        broadcast: Has the line drop what it holds.
        go_on: Has the agent answer what the caller said while it was muted.

    Attributes:
        is_aside: A person talks with the caller.
    """

    def __init__(
        self,
        caller: Caller,
        voice: AgentVoice,
        broadcast: Callable[[type[Frame]], Awaitable[None]],
        go_on: Callable[[], None],
    ) -> None:
        self.is_aside = False
        self._caller = caller
        self._voice = voice
        self._broadcast = broadcast
        self._go_on = go_on
        self._muted: set[Side] = set()
        self._is_suspended = False
        self._turns_before = 0

    @property
    def is_any(self) -> bool:
        """Whether anybody may not be heard."""
        return bool(self._muted) or self._is_suspended or self.is_aside

    def is_muted(self, side: Side) -> bool:
        """Whether that side may not be heard; an agent that stands aside counts as not muted."""
        return self._is_suspended or side in self._muted

    async def mute(self, side: Side) -> None:
        """Silences that side from now on."""
        self._muted.add(side)
        if side == "agent":
            await self._silence_agent()

    def unmute(self, side: Side, *, owes_answer: bool) -> None:
        """Gives that side its voice back."""
        was_muted = side in self._muted
        self._muted.discard(side)
        self._let_agent()
        has_missed = self._caller.turns > self._turns_before
        if side == "agent" and was_muted and owes_answer and has_missed:
            self._go_on()

    async def suspend(self) -> None:
        """The caller is away."""
        self._is_suspended = True
        await self._silence_agent()

    def resume(self) -> None:
        """The caller is back."""
        self._is_suspended = False
        self._let_agent()

    async def stand_aside(self) -> None:
        """A person takes the agent's place."""
        self.is_aside = True
        await self._silence_agent()

    def come_back(self) -> None:
        """The agent has the caller again."""
        self.is_aside = False
        self._let_agent()

    def _let_agent(self) -> None:
        self._voice.is_muted = self.is_aside or self.is_muted("agent")

    async def _silence_agent(self) -> None:
        self._turns_before = self._caller.turns
        self._voice.is_muted = True
        await self._voice.cut()
        await self._broadcast(InterruptionFrame)
