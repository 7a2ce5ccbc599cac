"""What happens to what the agent says when somebody else takes the floor."""

from collections.abc import Awaitable, Callable

from pipecat.frames.frames import Frame, InterruptionFrame

from processors.events.conversation import Interruption
from processors.events.event import Emit
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.ending import Ending
from processors.realtime.session import Session


class Interruptions:
    """Cuts the agent short."""

    def __init__(
        self,
        speech: AgentSpeech,
        playback: Playback,
        ending: Ending,
        emit: Emit,
        broadcast: Callable[[type[Frame]], Awaitable[None]],
    ) -> None:
        self._speech = speech
        self._playback = playback
        self._ending = ending
        self._emit = emit
        self._broadcast = broadcast

    async def cut(self, session: Session) -> None:
        """The caller takes the floor: what waits to be heard is dropped, here and at the line."""
        line_holds = self._playback.is_playing and not self._playback.is_suspended
        self.drop(session)
        if line_holds:
            await self._broadcast(InterruptionFrame)

    async def silence(self, response_id: str) -> None:
        """What the agent says in a response is stopped, and what waits to be heard is dropped."""
        line_holds = self._playback.is_playing and not self._playback.is_suspended
        self._ending.cancel()
        self._speech.interrupt(response_id)
        if line_holds:
            await self._broadcast(InterruptionFrame)

    def drop(self, session: Session) -> None:
        """As `cut`, when the line drops what it holds by itself."""
        self._ending.cancel()
        if heard := self._speech.interrupt(session.active_response):
            self._emit(Interruption(item_id=heard.item_id, heard_ms=heard.heard_ms))
