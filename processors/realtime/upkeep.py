"""What keeps a call going beside the conversation: renewal, and care for silence on either side."""

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
from processors.realtime.server_events import (
    AgentTextDelta,
    AudioDelta,
    CallBegun,
    CallerText,
    CallMade,
    Lost,
    ServerEvent,
    SpeechStarted,
    SpeechStopped,
)
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions
from processors.realtime.stuck_turn import StuckTurn


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

        self._stuck_turn = StuckTurn(sessions, emit, background, answer_s=policy.answer_s)

    def start(self) -> None:
        """The call has its first session."""
        self._idle_caller.start()

    def session_changed(self, session: Session) -> None:
        """The call is in this session now."""
        self._renewal.watch(session)

    def note(self, session: Session, event: ServerEvent) -> None:
        """An event of the session that the call is in was dealt with."""
        match event:
            case SpeechStopped():
                self._stuck_turn.caller_stopped(session.active_response)
            case (
                AudioDelta(response_id)
                | AgentTextDelta(response_id)
                | CallBegun(response_id)
                | CallMade(response_id)
            ):
                self._stuck_turn.answered(response_id)
            case SpeechStarted() | Lost() | CallerText(text=""):
                # A new turn; one that the next session sees to; noise, that needs no answer.
                self._stuck_turn.settled()
        self._floor.note()

    def silenced(self) -> None:
        """The agent was told to be silent: no answer is due."""
        self._stuck_turn.settled()
