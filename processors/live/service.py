"""A call over the Live API as a Pipecat processor."""

from collections.abc import Awaitable, Callable, Sequence

from agents.team import Agent, Team
from processors.events.event import Emit
from processors.live.conversation import Conversation
from processors.live.session import open_live
from processors.moderation import Moderation
from processors.playback import Playback
from processors.realtime.announcements import Clip
from processors.realtime.connection import Connect
from processors.realtime.endpoints import Endpoint
from processors.realtime.items import Message
from processors.realtime.keypad import Status
from processors.realtime.muting import Side
from processors.realtime.policy import CallPolicy
from processors.realtime.toolbox import ToolSource
from processors.voice_model import VoiceModel


class LiveService(VoiceModel):
    """Speaks and listens for a team of agents by GPT-Live, which takes turns by itself.

    ``docs/engines.md`` says what it can't do that `VoiceModel` asks for.

    Args:
        team: Whose first agent answers.
        call_id: Of the call, for tool calls.
        endpoint: Where sessions are opened; its model talks.
        backend_model: The Responses model that uses the tools.
        policy: How the call is kept going; ``session_s``, ``hold_s``,
            ``idle_s``, ``is_placed`` and ``first_words_s`` count here.
        tools: An agent's tools, asked whenever a session is opened for it.
        playback: The call's; the transport reports to it.
        emit: Takes the call's events.
        sample_rate: Of the call: 8000 (``audio/pcmu``) or 24000 (``audio/pcm``).
        on_end: Called once when an agent ended the call and its goodbye was heard.
        on_unavailable: Called once when no session can be had any more, with the reason.
        hold: A recorded line, of ``sample_rate``, for a caller who waits in silence.
        moderation: Asked about what agents say.
        rtvi: Push the frames that RTVI clients are told about.
        connect: Opens connections; tests bring their own.

    Raises:
        ValueError: ``sample_rate`` is another.
    """

    def __init__(
        self,
        team: Team,
        *,
        call_id: str,
        endpoint: Endpoint,
        backend_model: str,
        policy: CallPolicy,
        tools: ToolSource,
        playback: Playback,
        emit: Emit,
        sample_rate: int,
        on_end: Callable[[str], Awaitable[None]],
        on_unavailable: Callable[[str], Awaitable[None]],
        hold: Callable[[], Clip] | None = None,
        moderation: Moderation | None = None,
        rtvi: bool = False,
        connect: Connect = open_live,
    ) -> None:
        super().__init__()
        self._conversation = Conversation(
            team,
            call_id=call_id,
            endpoint=endpoint,
            backend_model=backend_model,
            policy=policy,
            tools=tools,
            playback=playback,
            emit=emit,
            sample_rate=sample_rate,
            on_end=on_end,
            on_unavailable=on_unavailable,
            hold=hold,
            moderation=moderation,
            rtvi=rtvi,
            connect=connect,
            push=self.push_frame,
            broadcast=self.broadcast_frame,
        )

    @property
    def held(self) -> Conversation:
        """The conversation that the call's frames are for."""
        return self._conversation

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        return self._conversation.agent

    async def say(self, text: str) -> None:
        """Has the agent say a line, more or less; returns when it was heard."""
        await self._conversation.say(text)

    async def fill(self, text: str) -> bool:
        """Has the agent say a line if nobody speaks; whether it does."""
        return self._conversation.fill(text)

    async def play(self, clip: Clip) -> bool:
        """Plays a line of ours; whether it was heard."""
        return await self._conversation.play(clip)

    async def collect_digits(
        self, *, count: int | None, terminator: str, timeout_s: float, sensitive: bool
    ) -> tuple[Status, str]:
        """Waits for keys of the caller's."""
        status, digits = await self._conversation.keypad.collect(
            count=count, terminator=terminator, timeout_s=timeout_s, sensitive=sensitive
        )
        kept = sensitive and digits
        return status, self._conversation.secrets.keep(digits) if kept else digits

    async def send_digits(self, digits: str) -> None:
        """Plays the tones of keys; returns when they were heard. Raises `TonesCutError`."""
        await self._conversation.send_digits(digits)

    def coach(self, instruction: str, *, respond: bool = False) -> None:
        """Tells the agent what to do, unheard by the caller."""
        self._conversation.coach(instruction, respond=respond)

    def tell(self, fact: str, *, respond: bool) -> None:
        """Tells the agent what happened."""
        self._conversation.tell(fact, respond=respond)

    async def spoken(self) -> Sequence[Message]:
        """What was said so far, with the words of the caller's turn that goes on."""
        await self._conversation.caller.quiet.calm()
        return list(self._conversation.history)

    def mask(self, text: str) -> str:
        """A text without the digits that nobody may see."""
        return self._conversation.secrets.mask(text)

    async def mute(self, side: Side) -> None:
        """Takes the voice from the caller or from the agent."""
        await self._conversation.muting.mute(side)

    def unmute(self, side: Side, *, owes_answer: bool = True) -> None:
        """Gives it back."""
        self._conversation.muting.unmute(side, owes_answer=owes_answer)

    def is_muted(self, side: Side) -> bool:
        """Whether that side may not be heard."""
        return self._conversation.muting.is_muted(side)

    async def stand_aside(self, told: str) -> None:
        """A person talks with the caller in the agent's place."""
        await self._conversation.stand_aside(told)

    def come_back(self, told: str, line: str | None) -> None:
        """The agent has the caller again."""
        self._conversation.come_back(told, line)

    async def suspend(self) -> None:
        """The caller is away, and may come back."""
        await self._conversation.muting.suspend()

    def resume(self, told: str) -> None:
        """The caller is back; the agent speaks first."""
        self._conversation.resume(told)
