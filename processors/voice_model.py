"""What holds a call's conversation, whichever API the model behind it is reached by."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    LLMMessagesAppendFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agents.team import Agent
from processors.realtime.announcements import Clip
from processors.realtime.items import Message
from processors.realtime.keypad import Status
from processors.realtime.muting import Side


class Held(Protocol):
    """A conversation as a call's pipeline sees it."""

    def start(self) -> None:
        """The call begins."""
        ...

    def hear(self, pcm: bytes) -> None:
        """The caller's audio, mono PCM16 of the call's rate."""
        ...

    async def press(self, key: str) -> None:
        """The caller pressed a key (0-9, ``*`` or ``#``)."""
        ...

    def append(self, messages: Sequence[Any], *, respond: bool) -> None:
        """Typed text; with ``respond`` it is answered, unless a person talks with the caller."""
        ...

    async def interrupted(self) -> None:
        """A client interrupted the agent; the line drops what it holds by itself."""
        ...

    def stop(self) -> None:
        """The call ends: nothing more is said or heard, what was said may still be played."""
        ...

    async def close(self) -> None:
        """Frees everything; returns when no task and no socket is left."""
        ...


class VoiceModel(FrameProcessor):
    """Speaks and listens for a team of agents, as one processor of a call's pipeline.

    Whoever writes another one keeps to this:

    - It takes ``InputAudioRawFrame`` (mono PCM16 of the call's rate) and lets none of them through,
      ``InputDTMFFrame`` and ``LLMMessagesAppendFrame``; it pushes ``TTSAudioRawFrame`` of the same
      rate in multiples of 20 ms, and tells `Playback` of each before it does. Speech that the
      caller is not to hear any more is taken back by broadcasting ``InterruptionFrame``.
    - With the ``StartFrame`` it emits ``agent.changed``, opens its session beside the pipeline, and
      the first agent greets. From ``EndFrame`` or ``CancelFrame`` on nothing more is said; after
      ``cleanup`` no task and no socket is left.
    - What happens is told by the events of `processors.events`: ``session.state``, ``user.speech``,
      ``user.transcript``, ``agent.transcript`` (final once it was heard), ``agent.changed``,
      ``tool.called`` and ``tool.finished``, ``turn.latency``, ``interruption``, ``error``.
    - Every function call is answered, a transfer takes the conversation along, and nobody is hung
      up on before the goodbye was heard.
    - A lost session is replaced in the same call. When none can be had the processor says so
      once, by ``on_unavailable``, and `play` goes on working.
    - No method raises because there is no session, and none holds up the pipeline.
    """

    def __init__(self) -> None:
        # In direct mode the caller's audio costs no queue and no task switch.
        super().__init__(enable_direct_mode=True)

    @property
    @abstractmethod
    def held(self) -> Held:
        """The conversation that the call's frames are for."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Takes audio, keys and typed text; passes everything else on."""
        if isinstance(frame, InputAudioRawFrame):
            # The caller's audio ends here, fifty times a second.
            self.held.hear(frame.audio)
            return
        await super().process_frame(frame, direction)
        match frame:
            case InputDTMFFrame():
                await self.held.press(frame.button.value)
                return
            case LLMMessagesAppendFrame():
                self.held.append(frame.messages, respond=bool(frame.run_llm))
                return
            case InterruptionFrame() if direction is FrameDirection.DOWNSTREAM:
                await self.held.interrupted()
            case EndFrame() | CancelFrame():
                self.held.stop()
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self.held.start()

    async def cleanup(self) -> None:
        """Closes what is open; returns when no task and no socket is left."""
        await super().cleanup()
        await self.held.close()

    @property
    @abstractmethod
    def agent(self) -> Agent:
        """Who has the caller now."""

    @abstractmethod
    async def say(self, text: str) -> None:
        """Has the agent say a line as soon as nobody else speaks; returns when it was heard.

        May wait for as long as there is no session: give it a time-out.
        """

    @abstractmethod
    async def fill(self, text: str) -> bool:
        """Has the agent say a line if nobody speaks, or is about to; whether it does.

        A tool may run meanwhile: that is what the line is for.
        """

    @abstractmethod
    async def play(self, clip: Clip) -> bool:
        """Plays a line that was recorded earlier, whether or not there is a model.

        Args:
            clip: Of the call's sample rate.

        Returns:
            Once it was heard: True. False when the line plays nothing.
        """

    @abstractmethod
    async def collect_digits(
        self, *, count: int | None, terminator: str, timeout_s: float, sensitive: bool
    ) -> tuple[Status, str]:
        """Waits for keys of the caller's.

        Args:
            count: How many are enough; None waits for the terminator.
            terminator: The key that ends the input and is no part of it; empty for none.
            timeout_s: How long the caller may take for each.
            sensitive: Nothing shows or stores them, and the model gets a reference to them.

        Returns:
            How it ended, and the digits; a reference to them if they are ``sensitive``.
        """

    @abstractmethod
    async def send_digits(self, digits: str) -> None:
        """Plays the tones of keys behind what is being said; returns when they were heard.

        Raises:
            TonesCutError: The other side has not heard all of them.
        """

    @abstractmethod
    def coach(self, instruction: str, *, respond: bool = False) -> None:
        """Tells the agent what to do from its next answer on; the caller does not hear it.

        It is kept with the conversation, whatever session and whichever agent has the caller.
        With ``respond`` the agent answers at once, otherwise nothing is said because of it.
        """

    @abstractmethod
    def tell(self, fact: str, *, respond: bool) -> None:
        """Tells the agent what happened; with ``respond`` it answers at once."""

    @abstractmethod
    async def spoken(self) -> Sequence[Message]:
        """What was said so far, once the words of the caller's last turn are known."""

    @abstractmethod
    def mask(self, text: str) -> str:
        """A text without the digits that nobody may see."""

    @abstractmethod
    async def mute(self, side: Side) -> None:
        """Takes the voice from the caller or from the agent; twice changes nothing.

        A muted caller is silence to the model. A muted agent is not heard, from now on.
        """

    @abstractmethod
    def unmute(self, side: Side, *, owes_answer: bool = True) -> None:
        """Gives it back. Without ``owes_answer`` the agent does not answer what it missed."""

    @abstractmethod
    def is_muted(self, side: Side) -> bool:
        """Whether that side may not be heard."""

    @abstractmethod
    async def stand_aside(self, told: str) -> None:
        """A person talks with the caller from now on: the agent hears the caller, says nothing.

        What it was saying is cut where it was heard. What the person says is told it by `tell`.
        """

    @abstractmethod
    def come_back(self, told: str, line: str | None) -> None:
        """The agent has the caller again; it opens with ``line`` or the like, None says nothing.

        Changes nothing for an agent who does not stand aside.
        """

    @abstractmethod
    async def suspend(self) -> None:
        """The caller is away, and may come back: the conversation keeps quiet."""

    @abstractmethod
    def resume(self, told: str) -> None:
        """The caller is back; the agent is told what happened, and speaks first."""
