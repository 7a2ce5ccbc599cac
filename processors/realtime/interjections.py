"""The caller's voice while the agent speaks: an interruption, or only a cough or an "uh-huh"?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from pipecat.frames.frames import Frame, InterruptionFrame

from processors.events import AgentResumed, Emit
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.backchannel import is_backchannel
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.interruptions import Interruptions
from processors.realtime.options import SessionOptions
from processors.realtime.responses import ResponseRequest
from processors.realtime.server_events import (
    CallBegun,
    CallerText,
    CallerTextDelta,
    CallMade,
    Committed,
    ResponseDone,
    ServerEvent,
    SpeechStarted,
    SpeechStopped,
)
from processors.realtime.session import OnEvent, Session

MIN_WORD_MS = 200
"""Speech shorter than this is a cough or a click, whatever words a transcriber hears in it."""

MIN_SPEECH_MS = 500
"""Without a transcript, speech shorter than this is taken for a cough or an "uh-huh"."""

SURE_SPEECH_MS = 2000
"""Speech this long is an interruption: its transcript is not waited for."""

UNKNOWN_MS = float("inf")
"""The length of speech whose length the server does not tell."""

WORDS_TIMEOUT_S = 1.0
"""How long a transcript may take after the caller's turn."""

SENTENCE_END_MS = 800
"""With less than this left to be heard the agent is finishing: an "okay" is an answer by then."""


@dataclass(slots=True)
class _Sound:
    """A turn of the caller's of which it is not known yet whether it has words.

    ``speech_ms`` is how long they spoke, or `UNKNOWN_MS`.
    """

    start_ms: int
    speech_ms: float = UNKNOWN_MS
    text: str = ""
    is_committed: bool = False


@dataclass(slots=True)
class _Doubt:
    """The agent is paused, because of ``sounds``, by their item ids.

    ``held`` are events of the response under way that must not take effect meanwhile: the caller
    may be about to say no.
    """

    session: Session
    began_at: float
    sounds: dict[str, _Sound] = field(default_factory=dict)
    held: list[ServerEvent] = field(default_factory=list)


class Interjections:
    """Silences the agent at once when the caller speaks, and lets it go on if that meant nothing.

    Args:
        options: Of the sessions.
        resumes: Whether the agent goes on. The server must answer and interrupt nothing then
            (`SessionOptions.without_turns`): the caller's turns are answered from here. Otherwise
            any sound interrupts, and the server does both.
        dispatch: Deals with an event that was held.
        on_resumed: The agent goes on; the caller is owed nothing.
    """

    def __init__(
        self,
        interruptions: Interruptions,
        caller: Caller,
        speech: AgentSpeech,
        playback: Playback,
        options: SessionOptions,
        emit: Emit,
        background: Background,
        broadcast: Callable[[type[Frame]], Awaitable[None]],
        *,
        resumes: bool,
        dispatch: OnEvent,
        on_resumed: Callable[[], None],
    ) -> None:
        self._interruptions = interruptions
        self._caller = caller
        self._speech = speech
        self._playback = playback
        self._turns = options.turn_detection
        self._transcribes = options.transcription_model is not None
        self._emit = emit
        self._background = background
        self._broadcast = broadcast
        self._resumes = resumes
        self._dispatch = dispatch
        self._on_resumed = on_resumed
        self._doubt: _Doubt | None = None

    # What the caller does.

    async def started(self, session: Session, event: SpeechStarted) -> None:
        """The caller speaks."""
        if not self._resumes:
            if self._turns.interrupt_response:
                # The server cancels the response by itself.
                await self._interruptions.cut(session)
            return
        if self._doubt is None:
            if not (self._playback.is_playing or session.is_responding):
                return
            self._doubt = _Doubt(session, asyncio.get_running_loop().time())
            if self._speech.pause():
                await self._broadcast(InterruptionFrame)
        self._doubt.sounds[event.item_id] = _Sound(event.audio_start_ms)

    def stopped(self, event: SpeechStopped) -> None:
        """The caller's turn ended."""
        sound, padding_ms = self._sound(event.item_id), self._turns.padding_ms
        if sound is None or padding_ms is None or event.audio_end_ms is None:
            return
        speech_ms = event.audio_end_ms - sound.start_ms - padding_ms
        if speech_ms >= 0:
            # Otherwise the server counts in another way, of which nothing follows.
            sound.speech_ms = speech_ms

    async def committed(self, session: Session, event: Committed) -> None:
        """The caller's turn is an item: it is answered, unless it may be none."""
        if not self._resumes:
            return
        sound = self._sound(event.item_id)
        if sound is None:
            session.request_response(ResponseRequest())
            return
        sound.is_committed = True
        if sound.speech_ms < MIN_WORD_MS:
            await self._was_nothing(event.item_id, is_noise=True)
        elif SURE_SPEECH_MS <= sound.speech_ms < UNKNOWN_MS:
            await self._was_meant()
        elif self._transcribes:
            self._background.start(self._judge_late(event.item_id), "realtime-interjection")
        else:
            await self._judge_by_length(event.item_id, sound)

    async def said_more(self, event: CallerTextDelta) -> None:
        """More of a transcript: whole words decide before its end."""
        if sound := self._sound(event.item_id):
            sound.text += event.delta
            words = sound.text.rstrip().rpartition(" ")[0]
            if words and not is_backchannel(words):
                await self._was_meant()

    async def said(self, event: CallerText) -> None:
        """A whole transcript, or the news that there will be none."""
        sound = self._sound(event.item_id)
        if sound is None:
            return
        if event.text is None:
            await self._judge_by_length(event.item_id, sound)
        elif not event.text.strip():
            await self._was_nothing(event.item_id, is_noise=True)
        elif is_backchannel(event.text) and self._is_mid_sentence:
            await self._was_nothing(event.item_id, is_noise=False)
        else:
            await self._was_meant()

    # What others do.

    def holds(self, event: ServerEvent) -> bool:
        """Whether the event has to wait until it is known what the caller meant."""
        if self._doubt and isinstance(event, CallBegun | CallMade | ResponseDone):
            self._doubt.held.append(event)
            return True
        return False

    async def cut(self, session: Session) -> None:
        """The agent is interrupted for sure, by typed text or the loss of the session."""
        doubt, self._doubt = self._doubt, None
        await self._interruptions.cut(session)
        if doubt:
            await self._release(doubt, is_cut=True)

    def drop(self, session: Session) -> None:
        """As `cut`, when the line drops what it holds by itself."""
        doubt, self._doubt = self._doubt, None
        self._interruptions.drop(session)
        if doubt:
            self._background.start(self._release(doubt, is_cut=True), "realtime-release")

    def session_changed(self) -> None:
        """The session is lost or left: what the caller says is heard, and judged, in the next.

        What was held is no concern of the next one.
        """
        doubt, self._doubt = self._doubt, None
        if doubt:
            self._interruptions.drop(doubt.session)

    # Inside.

    def _sound(self, item_id: str) -> _Sound | None:
        return self._doubt.sounds.get(item_id) if self._doubt else None

    @property
    def _is_mid_sentence(self) -> bool:
        is_responding = self._doubt is not None and self._doubt.session.is_responding
        return is_responding or self._playback.waiting_ms >= SENTENCE_END_MS

    async def _judge_late(self, item_id: str) -> None:
        await asyncio.sleep(WORDS_TIMEOUT_S)
        if sound := self._sound(item_id):
            await self._judge_by_length(item_id, sound)

    async def _judge_by_length(self, item_id: str, sound: _Sound) -> None:
        if sound.speech_ms < MIN_SPEECH_MS:
            await self._was_nothing(item_id, is_noise=False)
        else:
            await self._was_meant()

    async def _was_meant(self) -> None:
        """The caller takes the floor."""
        if doubt := self._doubt:
            await self.cut(doubt.session)
            doubt.session.cancel_response()
            if any(sound.is_committed for sound in doubt.sounds.values()):
                doubt.session.request_response(ResponseRequest())

    async def _was_nothing(self, item_id: str, *, is_noise: bool) -> None:
        """The agent goes on where it was heard last, unless there is another sound to judge."""
        doubt = self._doubt
        if doubt is None:
            return
        del doubt.sounds[item_id]
        if is_noise:
            # The model would take it for a turn that wants an answer.
            self._caller.disregard(item_id)
            doubt.session.delete_item(item_id)
        if doubt.sounds:
            return
        self._doubt = None
        await self._release(doubt, is_cut=False)
        if self._doubt:
            return
        await self._speech.resume()
        self._on_resumed()
        paused_ms = (asyncio.get_running_loop().time() - doubt.began_at) * 1000
        self._emit(AgentResumed(item_id=item_id, paused_ms=round(paused_ms)))

    async def _release(self, doubt: _Doubt, *, is_cut: bool) -> None:
        for event in doubt.held:
            if is_cut and isinstance(event, CallMade):
                event = replace(event, call=replace(event.call, is_complete=False))
            if not (is_cut and isinstance(event, CallBegun)):
                await self._dispatch(doubt.session, event)
