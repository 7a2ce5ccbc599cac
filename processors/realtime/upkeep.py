"""What keeps a call going beside the conversation: renewal, and care for a silent caller."""

from processors.events import Emit
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.ending import Ending
from processors.realtime.floor import Floor
from processors.realtime.function_calls import FunctionCalls
from processors.realtime.idle_caller import IdleCaller
from processors.realtime.policy import CallPolicy
from processors.realtime.renewal import Renewal
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions


class Upkeep:
    """Puts together what acts by the state of the call, and tells it when that has changed."""

    def __init__(
        self,
        policy: CallPolicy,
        sessions: Sessions,
        caller: Caller,
        speech: AgentSpeech,
        playback: Playback,
        calls: FunctionCalls,
        ending: Ending,
        emit: Emit,
        background: Background,
    ) -> None:
        self._floor = Floor(sessions, caller, playback, calls)
        self._renewal = Renewal(
            sessions, self._floor, caller, speech, emit, background, session_s=policy.session_s
        )
        self._idle_caller = IdleCaller(
            sessions, self._floor, caller, ending, background, idle_s=policy.idle_s
        )

    def start(self) -> None:
        """The call has its first session."""
        self._idle_caller.start()

    def session_changed(self, session: Session) -> None:
        """The call is in this session now."""
        self._renewal.watch(session)

    def note(self) -> None:
        """An event of the session's was dealt with."""
        self._floor.note()
