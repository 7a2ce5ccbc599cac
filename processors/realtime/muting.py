"""Taking the voice from one side of a call, and giving it back."""

from typing import Literal

from processors.realtime.floor import Floor
from processors.realtime.interjections import Interjections
from processors.realtime.responses import ResponseRequest
from processors.realtime.session import Session
from processors.realtime.sessions import Sessions

Side = Literal["caller", "agent"]


class Muting:
    """Who may not be heard at the moment.

    A muted caller is silence to the model: their words, keys and typed text do not reach it. A
    muted agent says nothing: what it was saying is cut where it was heard, answers are cancelled as
    they begin, and what it owes is answered once it may speak again. Nobody's silence is held
    against them meanwhile. An agent that is held back is silent like a muted one, until its turn,
    and so is one who stands aside for a person: sessions don't even begin to answer then.

    Attributes:
        is_aside: A person talks with the caller in the agent's place.
    """

    def __init__(self, sessions: Sessions, interjections: Interjections, floor: Floor) -> None:
        self._sessions = sessions
        self._interjections = interjections
        self._floor = floor
        self._muted: set[Side] = set()
        self._is_suspended = False
        self._is_held_back = False
        self._owes_answer = False
        self.is_aside = False

    @property
    def silences_agent(self) -> bool:
        """Whether the agent may not say what it is about to say."""
        return self.is_muted("agent") or self._is_held_back or self.is_aside

    def is_muted(self, side: Side) -> bool:
        """Whether that side may not be heard."""
        return self._is_suspended or side in self._muted

    def audible(self, pcm: bytes) -> bytes:
        """The caller's audio as the model may hear it."""
        return bytes(len(pcm)) if self.is_muted("caller") else pcm

    async def mute(self, side: Side) -> None:
        """Silences that side; twice changes nothing."""
        if side in self._muted:
            return
        self._muted.add(side)
        self._floor.is_held = True
        session = self._sessions.current
        if side != "agent":
            return
        # One that was held back has not opened the call yet.
        self._owes_answer = self.let_go()
        if session:
            self._owes_answer |= session.owes_answer
            await self.suppress(session)

    def hold_back(self) -> None:
        """The agent is silent until `let_go`, or until somebody else decides what it says."""
        self._is_held_back = True
        self._hold()

    def let_go(self) -> bool:
        """The agent may speak; whether it was held back until now. It owes no answers."""
        was_held_back, self._is_held_back = self._is_held_back, False
        if was_held_back:
            self._owes_answer = False
            self._hold()
        return was_held_back

    async def suspend(self) -> None:
        """The caller is away: neither side is heard until `resume`."""
        self._is_suspended = True
        self._hold()
        if session := self._sessions.current:
            await self.suppress(session)

    def resume(self) -> None:
        """The caller is back. What was owed before they went is not any more."""
        self._is_suspended = self._owes_answer = False
        self._hold()

    async def stand_aside(self) -> None:
        """A person talks with the caller until `come_back`; the agent hears both, unasked."""
        self.is_aside = True
        self.let_go()
        self._hold()
        self._sessions.answer_turns(False)
        if session := self._sessions.current:
            await self.suppress(session)

    def come_back(self) -> None:
        """The agent has the caller again. It owes nothing of what the person has answered."""
        self.is_aside = self._owes_answer = False
        self._hold()
        self._sessions.answer_turns(True)

    def _hold(self) -> None:
        is_silent = bool(self._muted) or self._is_suspended or self._is_held_back
        self._floor.is_held = is_silent or self.is_aside
        self._floor.note()

    async def suppress(self, session: Session) -> None:
        """A muted agent does not say what it is about to say."""
        self._owes_answer |= session.active_response is not None
        await self._interjections.cut(session)
        session.cancel_response()

    def unmute(self, side: Side, *, owes_answer: bool = True) -> None:
        """Gives that side its voice back; without ``owes_answer`` an agent starts afresh."""
        if side not in self._muted:
            return
        self._muted.discard(side)
        self._hold()
        session = self._sessions.current
        owed, self._owes_answer = self._owes_answer and owes_answer, False
        if side == "agent" and owed and session:
            session.request_response(ResponseRequest())
