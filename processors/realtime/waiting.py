"""Whether the caller waits in silence, and for what; in an outage by their own voice alone."""

from collections.abc import Callable

from processors.caller_voice import CallerVoice
from processors.events.conversation import WaitsFor
from processors.playback import Playback
from processors.realtime.audio import AudioFormat
from processors.realtime.caller import Caller
from processors.realtime.floor import Floor
from processors.realtime.keypad import Keypad
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions
from processors.realtime.upkeep import Upkeep


class Waiting:
    """Puts together what the parts of a call know of it.

    Without a session nobody tells whether the caller speaks. So their audio is followed here, from
    what no session has judged of it on.

    Args:
        is_voiceless: The call goes on in writing.
        is_working: Whether a tool runs, or what it found is being seen to.
        is_opening: Whether the agent speaks unasked as soon as there is a session.
    """

    def __init__(
        self,
        sessions: Sessions,
        caller: Caller,
        upkeep: Upkeep,
        keypad: Keypad,
        playback: Playback,
        audio_format: AudioFormat,
        *,
        is_voiceless: Callable[[], bool],
        is_working: Callable[[], bool],
        is_opening: Callable[[], bool],
    ) -> None:
        self._sessions = sessions
        self._caller = caller
        self._upkeep = upkeep
        self._floor: Floor = upkeep.floor
        self._keypad = keypad
        self._playback = playback
        self._format = audio_format
        self._is_voiceless = is_voiceless
        self._is_working = is_working
        self._is_opening = is_opening
        self._voice = CallerVoice(audio_format.sample_rate)
        self._was_owed = False
        self._turns_before = 0

    def hear(self, pcm: bytes) -> None:
        """The caller's audio, while no session hears it."""
        self._voice.hear(pcm)

    def session_lost(self, session: Session) -> None:
        """From here on nobody tells what the caller does."""
        self._was_owed = session.owes_answer or self._upkeep.is_answer_due
        self._turns_before = self._caller.turns
        self._voice.begin()
        for payload in self._caller.audio.since(self._caller.replay_from_ms)[1]:
            self._voice.hear(self._format.decode(payload))

    @property
    def session(self) -> Session | None:
        """The one that the call is in, as long as it works."""
        session = self._sessions.current
        return session if session and not session.is_lost else None

    @property
    def is_hearing(self) -> bool:
        """Whether the caller hears somebody."""
        return self._playback.is_playing and not self._playback.is_suspended

    def waits_for(self) -> WaitsFor | None:
        """What the caller waits for in silence now; None when they don't."""
        if self._playback.is_playing or self._floor.is_held or self._is_voiceless():
            return None
        if self._sessions.is_given_up or self._keypad.is_collecting:
            return None
        session = self.session
        if session is None:
            return "connection" if self._is_owed_in_outage else None
        if self._floor.is_callers or session.is_caller_speaking:
            return None
        if self._is_working():
            return "tool"
        return "answer" if session.owes_answer or self._upkeep.is_answer_due else None

    @property
    def _is_owed_in_outage(self) -> bool:
        if self._voice.is_speaking:
            return False
        if self._sessions.current is None:
            # Everybody waits to be greeted.
            return True
        has_said = self._voice.has_spoken or self._caller.turns > self._turns_before
        is_due = self._was_owed or self._is_working() or self._is_opening()
        return has_said or is_due
