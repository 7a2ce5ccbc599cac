"""Whether the caller waits in silence, and for what; in an outage by their own voice alone."""

from collections.abc import Callable, Sequence

from processors.caller_voice import CallerVoice
from processors.events.conversation import WaitsFor
from processors.live.agent_voice import AgentVoice
from processors.live.caller import Caller
from processors.live.keypad import Keypad
from processors.live.session import LiveSession
from processors.playback import Playback
from processors.realtime.items import Message


class LiveWaiting:
    """Puts together what the parts of a call know of it.

    A model that takes turns by itself may leave a word without an answer, so that nobody is said
    to wait for one. What is known is that work was delegated, or that the connection is gone.

    Args:
        session: The one that the call is in, as long as it works.
        is_held: Whether somebody may not be heard, or nothing is due: nobody waits then.
        is_working: Whether delegated work goes on.
        is_stopped: Whether the model is stopped, and has yet to say something else.
    """

    def __init__(
        self,
        caller: Caller,
        voice: AgentVoice,
        keypad: Keypad,
        playback: Playback,
        history: Sequence[Message],
        sample_rate: int,
        *,
        session: Callable[[], LiveSession | None],
        is_held: Callable[[], bool],
        is_working: Callable[[], bool],
        is_stopped: Callable[[], bool],
    ) -> None:
        self._caller = caller
        self._voice = voice
        self._keypad = keypad
        self._playback = playback
        self._history = history
        self.session = session
        self._is_held = is_held
        self._is_working = is_working
        self._is_stopped = is_stopped
        self._has_begun = False
        self._was_speaking = False
        self._callers = CallerVoice(sample_rate)

    def hear(self, pcm: bytes) -> None:
        """The caller's audio, while there is no session."""
        self._callers.hear(pcm)

    def session_lost(self) -> None:
        """From here on nobody tells what the caller does."""
        self._was_speaking = self._voice.is_speaking
        self._callers.begin()

    def session_began(self) -> None:
        """There is one, the first or another."""
        self._has_begun = True

    @property
    def is_hearing(self) -> bool:
        """Whether the caller hears somebody."""
        return self._playback.is_playing

    def waits_for(self) -> WaitsFor | None:
        """What the caller waits for in silence now; None when they don't."""
        if self._playback.is_playing or self._is_held() or self._keypad.is_collecting:
            return None
        if self.session() is None:
            return "connection" if self._is_owed_in_outage else None
        if self._voice.is_speaking or self._caller.is_speaking:
            return None
        if self._is_stopped():
            return "answer"
        return "tool" if self._is_working() else None

    @property
    def _is_owed_in_outage(self) -> bool:
        if self._callers.is_speaking:
            return False
        return (
            not self._has_begun
            or self._was_speaking
            or self._callers.has_spoken
            or self._is_working()
            or self._is_callers_turn_last
        )

    @property
    def _is_callers_turn_last(self) -> bool:
        said = (message for message in reversed(self._history) if message.role != "system")
        last = next(said, None)
        return last is not None and last.role == "user"
