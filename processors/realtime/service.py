"""The Realtime session of a call as a Pipecat processor."""

from collections.abc import Awaitable, Callable, Sequence

from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agents.team import Agent, Team
from processors.events import Emit
from processors.playback import Playback
from processors.realtime.connection import Connect, open_websocket
from processors.realtime.endpoints import Endpoint
from processors.realtime.options import SessionOptions
from processors.tools import Tool

ToolSource = Callable[[Agent], Awaitable[Sequence[Tool]]]
"""The tools of an agent besides its transfers and experts, which the service adds itself."""


async def _nothing(_reason: str) -> None:
    """What happens at the end of a call when nobody asked to be told."""


class RealtimeService(FrameProcessor):
    """Speaks and listens for a team of agents, in one pipeline, over Realtime sessions.

    Takes ``InputAudioRawFrame`` (mono PCM16 of ``sample_rate``) and ``LLMMessagesAppendFrame``
    (typed text); pushes ``TTSAudioRawFrame`` of the same rate and broadcasts
    ``InterruptionFrame``, ``UserStartedSpeakingFrame`` and ``UserStoppedSpeakingFrame``.

    Args:
        team: Whose first agent answers.
        call_id: Of the call, for tool calls.
        endpoints: Where sessions are opened, in order of preference; at least one.
        options: How sessions behave.
        tools: An agent's tools, asked at each configuration of a session.
        playback: The call's; the transport reports to it.
        emit: Takes the call's events.
        sample_rate: Of the call: 8000 (spoken as ``audio/pcmu``) or 24000 (``audio/pcm``).
        on_end: Called once when an agent ended the call and its goodbye was heard, with the
            reason. The service goes on until an ``EndFrame`` or ``CancelFrame`` comes.
        on_unavailable: Called once when no endpoint can serve the call any more, with the reason.
        rtvi: Push the frames that RTVI clients are told about.
        connect: Opens connections; tests bring their own.
    """

    def __init__(
        self,
        team: Team,
        *,
        call_id: str,
        endpoints: Sequence[Endpoint],
        options: SessionOptions,
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

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Takes audio and typed text; passes everything else on."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
