"""What keeps a call going beside the conversation: renewal, summaries, care for silence."""

from processors.events.event import Emit
from processors.playback import Playback
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.ending import Ending
from processors.realtime.floor import Floor
from processors.realtime.function_calls import FunctionCalls
from processors.realtime.history import History
from processors.realtime.idle_caller import IdleCaller
from processors.realtime.interjections import Interjections
from processors.realtime.policy import CallPolicy
from processors.realtime.remote_events import (
    RemoteCallBegun,
)
from processors.realtime.remote_tools import RemoteToolCalls
from processors.realtime.renewal import Renewal
from processors.realtime.responses import ResponseRequest
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
from processors.realtime.summaries import Summaries


class Upkeep:
    """Puts together what acts by the state of the call, and tells it when that has changed.

    Attributes:
        floor: Who has the floor.
    """

    def __init__(
        self,
        policy: CallPolicy,
        sessions: Sessions,
        history: History,
        caller: Caller,
        interjections: Interjections,
        playback: Playback,
        calls: FunctionCalls,
        remote_calls: RemoteToolCalls,
        ending: Ending,
        emit: Emit,
        background: Background,
    ) -> None:
        self.floor = Floor(sessions, caller, playback, calls, remote_calls)
        self._renewal = Renewal(
            sessions,
            self.floor,
            caller,
            interjections,
            emit,
            background,
            session_s=policy.session_s,
        )
        self._idle_caller = IdleCaller(
            sessions,
            self.floor,
            caller,
            ending,
            background,
            idle_s=policy.idle_s,
            is_placed=policy.is_placed,
        )
        self._stuck_turn = StuckTurn(sessions, emit, background, answer_s=policy.answer_s)
        self._summaries = Summaries(
            sessions, self.floor, history, emit, background, budget=policy.history_tokens
        )
        self._has_begun = False

    def session_changed(self, session: Session) -> None:
        """The call is in this session now."""
        if not self._has_begun:
            self._has_begun = True
            self._idle_caller.start()
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
                | RemoteCallBegun(response_id)
            ):
                self._stuck_turn.answered(response_id)
            case SpeechStarted() | Lost() | CallerText(text=""):
                # A new turn; one that the next session sees to; noise, that needs no answer.
                self._stuck_turn.settled()
        self.floor.note()
        self._summaries.note(event)

    def ask_again(self, session: Session, request: ResponseRequest) -> None:
        """What the model does leads nowhere: it is to respond instead."""
        self._stuck_turn.ask_again(session, request)

    @property
    def is_answer_due(self) -> bool:
        """Whether a turn of the caller's waits for its answer."""
        return self._stuck_turn.is_answer_due

    def silenced(self) -> None:
        """The agent was told to be silent: no answer is due."""
        self._stuck_turn.settled()
