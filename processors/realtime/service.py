"""The Realtime sessions of a call as a Pipecat processor."""

from collections.abc import Awaitable, Callable, Sequence

from agents.team import Agent, Team
from processors.dtmf import masked
from processors.events.event import Emit
from processors.moderation import Moderation
from processors.playback import Playback
from processors.realtime.announcements import Clip
from processors.realtime.coaching import FROM_AN_OPERATOR
from processors.realtime.conductor import Conductor
from processors.realtime.connection import Connect, open_websocket
from processors.realtime.endpoints import Endpoint
from processors.realtime.items import Message
from processors.realtime.keypad import Status
from processors.realtime.muting import Side
from processors.realtime.options import SessionOptions
from processors.realtime.parts import Parts
from processors.realtime.policy import CallPolicy
from processors.realtime.toolbox import ToolSource
from processors.text_mode.chat import ChatEndpoint
from processors.voice_model import VoiceModel


async def _nothing(_reason: str) -> None:
    """What happens at the end of a call when nobody asked to be told."""


class RealtimeService(VoiceModel):
    """Speaks and listens for a team of agents, in one pipeline, over Realtime sessions.

    Takes ``InputAudioRawFrame`` (mono PCM16 of ``sample_rate``), ``LLMMessagesAppendFrame`` (typed
    text) and an ``InterruptionFrame`` of a client; pushes ``TTSAudioRawFrame`` of the same rate
    and broadcasts ``InterruptionFrame``, ``UserStartedSpeakingFrame`` and
    ``UserStoppedSpeakingFrame``. It runs in Pipecat's direct mode: the caller's audio costs no
    queue and no task switch on its way to the socket, and a reply none on its way to the output.

    Args:
        team: Whose first agent answers.
        call_id: Of the call, for tool calls.
        endpoints: Where sessions are opened, in order of preference; at least one.
        options: How sessions behave.
        policy: What the service does by itself to keep the call going.
        chat: Where the conversation goes on in writing when no endpoint can serve the call, for
            a caller who can read and type; None has it end then.
        moderation: Asked about what agents say.
        tools: An agent's tools, asked at each configuration of a session. Transfers and experts
            are added by the service.
        playback: The call's; the transport reports to it.
        emit: Takes the call's events.
        sample_rate: Of the call: 8000 (spoken as ``audio/pcmu``) or 24000 (``audio/pcm``).
        on_end: Called once when an agent ended the call and its goodbye was heard, with the
            reason. The service goes on until an ``EndFrame`` or ``CancelFrame`` comes.
        on_unavailable: Called once when nothing can serve the call any more, with the reason.
        hold: A recorded line, of ``sample_rate``, for a caller who waits in silence.
        rtvi: Push the frames that RTVI clients are told about.
        connect: Opens connections; tests bring their own.

    Raises:
        ValueError: ``sample_rate`` is another, or there is no endpoint.
    """

    def __init__(
        self,
        team: Team,
        *,
        call_id: str,
        endpoints: Sequence[Endpoint],
        options: SessionOptions,
        policy: CallPolicy,
        chat: ChatEndpoint | None = None,
        moderation: Moderation | None = None,
        tools: ToolSource,
        playback: Playback,
        emit: Emit,
        sample_rate: int,
        on_end: Callable[[str], Awaitable[None]] = _nothing,
        on_unavailable: Callable[[str], Awaitable[None]] = _nothing,
        hold: Callable[[], Clip] | None = None,
        rtvi: bool = False,
        connect: Connect = open_websocket,
    ) -> None:
        super().__init__()
        self._conductor = Conductor(
            Parts(
                team,
                call_id=call_id,
                endpoints=endpoints,
                options=options,
                policy=policy,
                chat=chat,
                moderation=moderation,
                tools=tools,
                playback=playback,
                emit=emit,
                sample_rate=sample_rate,
                on_end=on_end,
                on_unavailable=on_unavailable,
                hold=hold,
                rtvi=rtvi,
                connect=connect,
                push=self.push_frame,
                broadcast=self.broadcast_frame,
            )
        )

    @property
    def held(self) -> Conductor:
        """The conversation that the call's frames are for."""
        return self._conductor

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        return self._conductor.agent

    async def say(self, text: str) -> None:
        """Has the agent say a line as soon as nobody else speaks; returns when it was heard.

        May wait for as long as there is no session: give it a time-out.
        """
        await self._conductor.say(text)

    async def fill(self, text: str) -> bool:
        """Has the agent say a line if nobody speaks, or is about to; whether it does."""
        return self._conductor.fill(text)

    async def play(self, clip: Clip) -> bool:
        """Plays a line that was recorded earlier, whether or not there is a model.

        Args:
            clip: Of the call's sample rate.

        Returns:
            Once it was heard: True. False when the line plays nothing.
        """
        return await self._conductor.play(clip)

    async def collect_digits(
        self, *, count: int | None, terminator: str, timeout_s: float, sensitive: bool
    ) -> tuple[Status, str]:
        """Waits for keys of the caller's: see `Keypad.collect`.

        Returns:
            How it ended, and the digits; a reference to them if they are ``sensitive``.
        """
        controls = self._conductor.controls
        status, digits = await controls.keypad.collect(
            count=count, terminator=terminator, timeout_s=timeout_s, sensitive=sensitive
        )
        kept = sensitive and digits
        return status, self._conductor.secrets.keep(digits) if kept else digits

    async def send_digits(self, digits: str) -> None:
        """Plays the tones of keys behind what is being said; returns when they were heard.

        Raises:
            TonesCutError: The other side has not heard all of them.
        """
        is_secret = self._conductor.secrets.mask(digits) != digits
        shown = masked(digits) if is_secret else digits
        await self._conductor.controls.tones.send(digits, shown=shown)

    def coach(self, instruction: str, *, respond: bool = False) -> None:
        """Tells the agent what to do from its next answer on; the caller does not hear it.

        It is kept with the conversation, whatever session and whichever agent has the caller.
        With ``respond`` the agent answers at once, otherwise nothing is said because of it.
        """
        self._conductor.controls.coaching.tell(
            FROM_AN_OPERATOR.format(instruction), respond=respond
        )

    def tell(self, fact: str, *, respond: bool) -> None:
        """Tells the agent what happened; with ``respond`` it answers at once."""
        self._conductor.controls.coaching.tell(fact, respond=respond)

    async def spoken(self) -> Sequence[Message]:
        """What was said so far, once the words of the caller's last turn are known."""
        return await self._conductor.spoken()

    def mask(self, text: str) -> str:
        """A text without the digits that nobody may see."""
        return self._conductor.secrets.mask(text)

    async def mute(self, side: Side) -> None:
        """Takes the voice from the caller or from the agent: see `Muting`."""
        await self._conductor.controls.muting.mute(side)

    def unmute(self, side: Side, *, owes_answer: bool = True) -> None:
        """Gives it back. Without ``owes_answer`` the agent does not answer what it missed."""
        self._conductor.controls.muting.unmute(side, owes_answer=owes_answer)

    def is_muted(self, side: Side) -> bool:
        """Whether that side may not be heard."""
        return self._conductor.controls.muting.is_muted(side)

    async def stand_aside(self, told: str) -> None:
        """A person talks with the caller in the agent's place: see `Relief`."""
        await self._conductor.controls.relief.stand_aside(told)

    def come_back(self, told: str, line: str | None) -> None:
        """The agent has the caller again."""
        self._conductor.controls.relief.come_back(told, line)

    async def suspend(self) -> None:
        """The caller is away, and may come back: the conversation keeps quiet."""
        await self._conductor.controls.muting.suspend()

    def resume(self, told: str) -> None:
        """The caller is back; the agent is told what happened, and speaks first."""
        controls = self._conductor.controls
        controls.muting.resume()
        controls.coaching.tell(told, respond=True)
