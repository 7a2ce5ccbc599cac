"""The Realtime sessions of a call as a Pipecat processor."""

from collections.abc import Awaitable, Callable, Sequence

from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMMessagesAppendFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agents.team import Agent, Team
from processors.events import Emit
from processors.playback import Playback
from processors.realtime.conductor import Conductor
from processors.realtime.connection import Connect, open_websocket
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import SessionOptions
from processors.realtime.policy import CallPolicy
from processors.realtime.toolbox import ToolSource


async def _nothing(_reason: str) -> None:
    """What happens at the end of a call when nobody asked to be told."""


class RealtimeService(FrameProcessor):
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
        tools: An agent's tools, asked at each configuration of a session. Transfers and experts
            are added by the service.
        playback: The call's; the transport reports to it.
        emit: Takes the call's events.
        sample_rate: Of the call: 8000 (spoken as ``audio/pcmu``) or 24000 (``audio/pcm``).
        on_end: Called once when an agent ended the call and its goodbye was heard, with the
            reason. The service goes on until an ``EndFrame`` or ``CancelFrame`` comes.
        on_unavailable: Called once when no endpoint can serve the call any more, with the reason.
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
        tools: ToolSource,
        playback: Playback,
        emit: Emit,
        sample_rate: int,
        on_end: Callable[[str], Awaitable[None]] = _nothing,
        on_unavailable: Callable[[str], Awaitable[None]] = _nothing,
        rtvi: bool = False,
        connect: Connect = open_websocket,
    ) -> None:
        super().__init__(enable_direct_mode=True)
        self._conductor = Conductor(
            team,
            call_id=call_id,
            endpoints=endpoints,
            options=options,
            policy=policy,
            tools=tools,
            playback=playback,
            emit=emit,
            sample_rate=sample_rate,
            on_end=on_end,
            on_unavailable=on_unavailable,
            rtvi=rtvi,
            connect=connect,
            push=self.push_frame,
            broadcast=self.broadcast_frame,
        )

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        return self._conductor.agent

    async def say(self, text: str) -> None:
        """Has the agent say a line as soon as nobody else speaks; returns when it was heard.

        May wait for as long as there is no session: give it a time-out.
        """
        await self._conductor.say(text)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Takes audio and typed text; passes everything else on."""
        if isinstance(frame, InputAudioRawFrame):
            # The caller's audio ends here, fifty times a second.
            self._conductor.hear(frame.audio)
            return
        await super().process_frame(frame, direction)
        match frame:
            case LLMMessagesAppendFrame():
                self._conductor.append(frame.messages, respond=bool(frame.run_llm))
                return
            case InterruptionFrame() if direction is FrameDirection.DOWNSTREAM:
                self._conductor.stop_talking()
            case EndFrame() | CancelFrame():
                self._conductor.stop()
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._conductor.start()

    async def cleanup(self) -> None:
        """Closes what is open; returns when no task and no socket is left."""
        await super().cleanup()
        await self._conductor.close()
