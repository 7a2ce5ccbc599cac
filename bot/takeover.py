"""Who talks with the caller: the agent, or an operator in its place."""

import asyncio
from collections.abc import Callable
from typing import Literal

from processors.events.conversation import OperatorTranscript
from processors.events.event import Emit
from processors.events.people import CallHandedBack, CallTakenOver
from processors.operator_voice import OperatorVoice
from processors.realtime.transcriber import OnWords, Transcriber
from processors.voice_model import VoiceModel

HandBack = Literal["operator", "connection_lost", "transfer", "call_ended"]

LAST_WORDS_S = 2.5
"""How long the caller waits for the agent because the operator's last words are not written yet."""

BEGAN = (
    "A colleague of yours has taken the call over and talks with the caller now. You hear the "
    "caller, and are told what the colleague says. Say nothing until the call is handed back."
)
SAID = "Your colleague said to the caller: {}"
ENDED = (
    "The call is yours again: {}. What your colleague has said to the caller counts as if you had "
    "said it: keep to it, and ask for nothing that the two have settled."
)
WHY: dict[HandBack, str] = {
    "operator": "your colleague has handed it back",
    "connection_lost": "your colleague's connection has broken off, in the middle of the talk",
    "transfer": "your colleague has the caller put through to somebody else",
    "call_ended": "it is about to end",
}
LINES: dict[HandBack, str | None] = {
    "operator": "I am with you again. What else can I do for you?",
    "connection_lost": (
        "I am sorry, my colleague's line has just dropped. I am with you again. How can I help?"
    ),
    "transfer": None,
    "call_ended": None,
}

Transcribe = Callable[[OnWords, Emit], Transcriber | None]
"""Begins to write down what an operator says; None where nothing can."""


class TakenError(RuntimeError):
    """Somebody else has the call, or is about to have it; the text says who."""


class NotTakenError(RuntimeError):
    """The agent has the caller."""


class Seat:
    """An operator's place in a call, from the request until it is given up.

    Attributes:
        by: The name of their key.
        has_begun: Whether they talk with the caller by now.
        settled: Set once the agent stands aside for them.
        left: Set when the place is theirs no more, whoever or whatever caused it.
    """

    def __init__(self, by: str) -> None:
        self.by = by
        self.has_begun = False
        self.settled = asyncio.Event()
        self.left = asyncio.Event()


class TakeOver:
    """One call's side of it. The first audio of an operator's takes the call over, not the request.

    So the agent goes on while a connection is being made, and nobody talks with the caller less
    than one, or more than one, at any time. Calls return at once, but for `hand_back`.
    """

    def __init__(
        self, model: VoiceModel, voice: OperatorVoice, emit: Emit, transcribe: Transcribe
    ) -> None:
        self._model = model
        self._voice = voice
        self._emit = emit
        self._transcribe = transcribe
        self._transcriber: Transcriber | None = None
        self._seat: Seat | None = None
        self._agent_has_it = asyncio.Event()
        self._agent_has_it.set()

    @property
    def by(self) -> str | None:
        """Who talks with the caller now; None when that is the agent."""
        return self._seat.by if self._seat and self._seat.has_begun else None

    @property
    def voice_rate(self) -> int:
        """Of the audio that `hear` takes, in Hz."""
        return self._voice.voice_rate

    async def agent_is_back(self) -> None:
        """Returns when no operator talks with the caller."""
        await self._agent_has_it.wait()

    def reserve(self, by: str) -> Seat:
        """A place for an operator who is about to connect.

        It replaces an earlier attempt of the same one's that has not come through, such as WebRTC
        where UDP is blocked.

        Raises:
            TakenError: Another operator has the call, or is about to, or it is being handed back.
        """
        if seat := self._seat:
            if seat.left.is_set():
                raise TakenError("the call is just being handed back to the agent")
            if seat.has_begun:
                raise TakenError(f"the call is taken over by {seat.by}")
            if seat.by != by:
                raise TakenError(f"the call is just being taken over by {seat.by}")
            seat.left.set()
        self._seat = Seat(by)
        return self._seat

    def give_up(self, seat: Seat) -> None:
        """An operator did not come through: as if they had never asked."""
        seat.left.set()
        if self._seat is seat and not seat.has_begun:
            self._seat = None

    async def hear(self, seat: Seat, pcm: bytes) -> None:
        """An operator's audio (mono PCM16 of `voice_rate`); the first of it takes the call over."""
        if self._seat is not seat or seat.left.is_set():
            return
        if not seat.has_begun:
            await self._begin(seat)
            if seat.left.is_set():
                return
        if self._transcriber:
            self._transcriber.hear(pcm)
        await self._voice.speak(pcm)

    async def hand_back(self, reason: HandBack, *, seat: Seat | None = None) -> None:
        """Gives the caller to the agent, who knows what was said and, where it fits, speaks first.

        Args:
            reason: Why.
            seat: Whose place ends; None for whoever has one.

        Raises:
            NotTakenError: No operator talks with the caller, or not this one.
        """
        current = self._seat
        if current is None or not current.has_begun or current.left.is_set():
            raise NotTakenError("no operator has taken this call over")
        if seat not in (None, current):
            raise NotTakenError("another operator has taken this call over")
        current.left.set()
        self._voice.rest()
        transcriber, self._transcriber = self._transcriber, None
        line = LINES[reason]
        try:
            # A connection may break with its first sound: what has begun comes to its end first.
            await current.settled.wait()
            if transcriber:
                # Nobody waits for the last words of a call that is about to end.
                await transcriber.finish(LAST_WORDS_S if line else 0.0)
        finally:
            self._seat = None
            self._emit(CallHandedBack(by=current.by, reason=reason))
            self._model.come_back(ENDED.format(WHY[reason]), line)
            self._agent_has_it.set()
            if transcriber:
                await transcriber.close()

    async def withdraw(self, reason: HandBack) -> None:
        """Gives the caller to the agent if need be, and ends what an operator has asked for."""
        if self._seat and not self._seat.has_begun:
            self.give_up(self._seat)
        try:
            await self.hand_back(reason)
        except NotTakenError:
            await self.agent_is_back()

    async def close(self) -> None:
        """The call is over: whoever has a place loses it."""
        if self._seat:
            self._seat.left.set()
            self._seat = None
        if self._transcriber:
            transcriber, self._transcriber = self._transcriber, None
            await transcriber.finish(LAST_WORDS_S)
            await transcriber.close()

    async def _begin(self, seat: Seat) -> None:
        seat.has_begun = True
        self._agent_has_it.clear()

        def said(item_id: str, text: str, final: bool) -> None:
            self._emit(OperatorTranscript(item_id=item_id, by=seat.by, text=text, final=final))
            if final:
                self._model.tell(SAID.format(text), respond=False)

        self._transcriber = self._transcribe(said, self._emit)
        try:
            await self._model.stand_aside(BEGAN)
        finally:
            if self._seat is seat:
                self._emit(CallTakenOver(by=seat.by))
            seat.settled.set()
