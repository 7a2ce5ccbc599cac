"""The caller's side: when they speak, what they say, and the audio of turns not dealt with."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from loguru import logger
from pipecat.frames.frames import (
    Frame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
)
from pipecat.utils.time import time_now_iso8601

from processors.events.conversation import UserSpeech, UserTranscript
from processors.events.event import Emit
from processors.realtime.caller_audio import KEPT_MS, OUTAGE, CallerAudio
from processors.realtime.history import History
from processors.realtime.server_events import (
    CallerText,
    CallerTextDelta,
    Committed,
    SpeechStarted,
    SpeechStopped,
)
from processors.realtime.usage import transcription_usage_of

REMEMBERED_NOISES = 16
"""Turns without words of which a transcript may still come."""


@dataclass(slots=True)
class _Turn:
    starts_at_ms: float
    is_committed: bool = False
    is_being_answered: bool = False
    is_answered: bool = False
    deltas: list[str] = field(default_factory=list)


class Caller:
    """Follows the caller's turns over all sessions of a call.

    Attributes:
        audio: The latest audio; what belongs to an unfinished turn is held in it.
        is_speaking: As the server's endpointing sees it.
        turns: How many they have had so far: what they said, wrote, or pressed on a keypad.
        utterances: How often they said, or wrote, something with words in it so far.
    """

    def __init__(
        self,
        audio: CallerAudio,
        history: History,
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
        *,
        transcription_model: str | None,
        rtvi: bool,
    ) -> None:
        self.audio = audio
        self.is_speaking = False
        self.turns = 0
        self.utterances = 0
        self._history = history
        self._emit = emit
        self._push = push
        self._transcription_model = transcription_model
        self._rtvi = rtvi
        self._turns: dict[str, _Turn] = {}
        self._noise: deque[str] = deque(maxlen=REMEMBERED_NOISES)
        self._origin_ms = 0.0
        self._judged_until_ms = 0.0
        self._transcribed = asyncio.Event()
        self._transcribed.set()

    def session_begins(self, origin_ms: float) -> None:
        """A session hears the audio from this position on; its times count from there.

        A turn that is not an item yet will be one of this session's.
        """
        self._origin_ms = origin_ms
        self.audio.release(OUTAGE)
        for item_id in [i for i, turn in self._turns.items() if not turn.is_committed]:
            self._settle(item_id)

    def session_ended(self) -> None:
        """The session is lost, or will not answer any more: what it did not answer is heard again.

        So is what comes until there is another one.
        """
        for item_id, turn in self._turns.items():
            if turn.is_committed and not turn.is_answered:
                turn.is_committed = False
                self._history.removed(item_id)
        self.audio.hold(OUTAGE, self.replay_from_ms)

    def silenced(self) -> None:
        """Nobody can hear the caller for some time: what was not understood never will be."""
        for item_id in list(self._turns):
            self._settle(item_id)
        self.audio.release(OUTAGE)
        if self.is_speaking:
            self.is_speaking = False
            self._emit(UserSpeech(speaking=False))

    def started(self, event: SpeechStarted) -> None:
        """The caller speaks."""
        starts_at = self._origin_ms + event.audio_start_ms
        self._turns[event.item_id] = _Turn(starts_at)
        self.audio.hold(event.item_id, starts_at)
        self._judged(starts_at)
        if not self.is_speaking:
            self.is_speaking = True
            self._emit(UserSpeech(speaking=True))

    def stopped(self, event: SpeechStopped) -> None:
        """The caller's turn ended."""
        self.turns += 1
        if event.audio_end_ms is None:
            self._judged(self.audio.position_ms)
        else:
            self._judged(self._origin_ms + event.audio_end_ms)
        if self.is_speaking:
            self.is_speaking = False
            self._emit(UserSpeech(speaking=False))

    def committed(self, event: Committed) -> None:
        """The turn became an item."""
        if turn := self._turns.get(event.item_id):
            turn.is_committed = True
            self._transcribed.clear()
        if not self._transcription_model:
            self.utterances += 1
            self._settle(event.item_id)

    def disregard(self, item_id: str) -> None:
        """The turn was noise: words that a transcriber hears in it don't count."""
        self._noise.append(item_id)
        self._settle(item_id)

    async def said_more(self, event: CallerTextDelta) -> None:
        """More of a transcript."""
        if event.item_id in self._noise:
            return
        turn = self._turns.setdefault(event.item_id, _Turn(self.audio.position_ms))
        turn.deltas.append(event.delta)
        text = "".join(turn.deltas)
        self._emit(UserTranscript(item_id=event.item_id, text=text, final=False))
        if self._rtvi:
            await self._push(InterimTranscriptionFrame(text, "", time_now_iso8601()))

    async def said(self, event: CallerText) -> None:
        """A whole transcript, or the news that there will be none."""
        self._settle(event.item_id)
        if usage := transcription_usage_of(event, self._transcription_model or ""):
            self._emit(usage)
        if event.item_id in self._noise:
            return
        text = (event.text or "").strip()
        self._history.caller_said(event.item_id, text)
        if not text:
            return
        self.utterances += 1
        self._emit(UserTranscript(item_id=event.item_id, text=text, final=True))
        if self._rtvi:
            await self._push(TranscriptionFrame(text, "", time_now_iso8601(), finalized=True))

    def typed(self, item_id: str, text: str) -> None:
        """The caller wrote instead of speaking."""
        self.turns += 1
        self.utterances += 1
        self._emit(UserTranscript(item_id=item_id, text=text, final=True))

    def response_began(self) -> None:
        """The model responds to everything that is committed by now."""
        for turn in self._turns.values():
            turn.is_being_answered = turn.is_committed

    def answered(self) -> None:
        """The response that began is over; a turn that was committed since still waits for its."""
        for turn in self._turns.values():
            turn.is_answered |= turn.is_being_answered

    async def transcribed(self, timeout_s: float) -> None:
        """Waits until the words of all committed turns are known, but not longer."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._transcribed.wait()
        except TimeoutError:
            logger.warning("a transcript of the caller's is not there after {} s", timeout_s)

    def hang_up(self) -> bool:
        """The call is over; whether the caller was cut off in a turn, which has to be committed.

        From now on only the call's events tell what they said: nobody is there to be shown it.
        """
        self._rtvi = False
        if not (self.is_speaking and self.has_open_turn and self._transcription_model):
            return False
        for turn in self._turns.values():
            turn.is_committed = True
        self._transcribed.clear()
        return True

    @property
    def has_unknown_words(self) -> bool:
        """Whether a turn became an item whose words are still being found out."""
        return not self._transcribed.is_set()

    @property
    def replay_from_ms(self) -> float:
        """Where a session has to begin to hear that is to take over from a live one.

        That is the beginning of a turn that is not an item yet. Otherwise it is the end of the
        last turn, as far as it is kept: what was said since then may not have been noticed yet,
        by a slow server or over a slow network, or not have arrived at all.
        """
        starts = [turn.starts_at_ms for turn in self._turns.values() if not turn.is_committed]
        unheard = self.audio.held_from_ms(OUTAGE)
        if unheard is not None:
            starts.append(unheard)
        recently = max(self._judged_until_ms, self.audio.position_ms - KEPT_MS)
        return min(starts, default=recently)

    def is_owed_words(self, item_id: str) -> bool:
        """Whether the turn is an item whose words are still to come."""
        turn = self._turns.get(item_id)
        return turn is not None and turn.is_committed

    @property
    def has_open_turn(self) -> bool:
        """Whether a turn has begun that is not an item yet."""
        return any(not turn.is_committed for turn in self._turns.values())

    def _judged(self, until_ms: float) -> None:
        """The server knows whether there is speech in what came before."""
        until_ms = min(until_ms, self.audio.position_ms)
        self._judged_until_ms = max(self._judged_until_ms, until_ms)

    def _settle(self, item_id: str) -> None:
        self._turns.pop(item_id, None)
        self.audio.release(item_id)
        if not any(turn.is_committed for turn in self._turns.values()):
            self._transcribed.set()
