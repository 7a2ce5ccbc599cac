"""The caller's voice while the agent speaks: an interruption, or only a cough or an "uh-huh"?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from pipecat.frames.frames import Frame, InterruptionFrame

from processors.events.conversation import AgentResumed
from processors.events.event import Emit
from processors.playback import Playback
from processors.realtime.agent_speech import AgentSpeech
from processors.realtime.backchannel import is_backchannel
from processors.realtime.background import Background
from processors.realtime.caller import Caller
from processors.realtime.doubt import (
    MIN_SPEECH_MS,
    MIN_WORD_MS,
    SENTENCE_END_MS,
    SURE_SPEECH_MS,
    UNKNOWN_MS,
    WORDS_TIMEOUT_S,
    Doubt,
    Sound,
)
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
from processors.realtime.session import SPEECH_GRACE_S, OnEvent, Session
from processors.realtime.wording import rest_of_reply


class Interjections:
    """Silences the agent at once when the caller speaks, and lets it go on if that meant nothing.

    Args:
        options: Of the sessions.
        resumes: Whether the agent goes on. The server must answer and interrupt nothing then
            (`SessionOptions.without_turns`): the caller's turns are answered from here. Otherwise
            any sound interrupts, and the server does both.
        dispatch: Deals with an event that was held.
        on_resumed: The agent goes on; the caller is owed nothing.

    Attributes:
        is_protected: What is being heard is heard to its end: speech does not interrupt it.
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
        self.is_protected = False
        self._doubt: Doubt | None = None

    # What the caller does.

    async def started(self, session: Session, event: SpeechStarted) -> None:
        """The caller speaks."""
        if self.is_protected:
            return
        if not self._resumes:
            if self._turns.interrupt_response:
                # The server cancels the response by itself.
                await self._interruptions.cut(session)
            return
        if self._doubt is None:
            if not (self._playback.is_playing or session.is_responding):
                return
            self._doubt = Doubt(session, asyncio.get_running_loop().time())
            if self._speech.pause():
                await self._broadcast(InterruptionFrame)
        if self._doubt.heard_again:
            self._doubt.sounds.pop(self._doubt.heard_again, None)
            self._doubt.heard_again = None
        self._doubt.sounds[event.item_id] = Sound(event.audio_start_ms)

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

    async def silence(self, response_id: str) -> None:
        """What the agent says is stopped, by us: nobody has interrupted it."""
        doubt, self._doubt = self._doubt, None
        await self._interruptions.silence(response_id)
        if doubt:
            await self._release(doubt, is_cut=True)

    def drop(self, session: Session) -> None:
        """As `cut`, when the line drops what it holds by itself."""
        doubt, self._doubt = self._doubt, None
        self._interruptions.drop(session)
        if doubt:
            self._background.start(self._release(doubt, is_cut=True), "realtime-release")

    async def session_ended(self, session: Session) -> str:
        """The session is lost, or will not answer any more: so ends what it was saying.

        What the caller means is heard, and judged, in the next one. If that is nothing, the agent
        says the rest there. Returns what is still heard, or was, of what was being said.
        """
        doubt = self._doubt
        held = doubt.held if doubt else []
        ending = [event.response_id for event in held if isinstance(event, ResponseDone)]
        said = [await self._speech.abandon(each) for each in (*ending, session.active_response)]
        text = " ".join(part for part in said if part)
        if doubt:
            is_cut_off = session.is_responding or any(isinstance(e, CallMade) for e in held)
            if is_cut_off:
                doubt.broke_off = " ".join(part for part in (doubt.broke_off, text) if part)
            doubt.held = []
        return text

    def unvoiced(self) -> None:
        """No model will hear what the caller meant: they have the floor."""
        doubt, self._doubt = self._doubt, None
        if doubt:
            self._interruptions.drop(doubt.session)

    def session_changed(self, session: Session) -> None:
        """The call goes on in another session: the doubt goes along.

        That session hears an unfinished turn again, as a sound of its own; words that the one
        before owes are still to come. What was held was to happen there, and doesn't any more.
        """
        doubt = self._doubt
        if doubt is None:
            return
        latest = next(reversed(doubt.sounds))
        doubt.session, doubt.held = session, []
        doubt.sounds = {
            item_id: sound
            for item_id, sound in doubt.sounds.items()
            if self._caller.is_owed_words(item_id)
        }
        if not doubt.sounds or session.is_caller_speaking:
            doubt.sounds[latest] = Sound(0)
            wait_s = SPEECH_GRACE_S if session.is_caller_speaking else 0.0
            heard_again = self._nothing_after(wait_s, latest)
            self._background.start(heard_again, "realtime-interjection")
            doubt.heard_again = latest

    # Inside.

    def _sound(self, item_id: str) -> Sound | None:
        return self._doubt.sounds.get(item_id) if self._doubt else None

    @property
    def _is_mid_sentence(self) -> bool:
        is_responding = self._doubt is not None and self._doubt.session.is_responding
        return is_responding or self._playback.waiting_ms >= SENTENCE_END_MS

    async def _judge_late(self, item_id: str) -> None:
        await asyncio.sleep(WORDS_TIMEOUT_S)
        if sound := self._sound(item_id):
            await self._judge_by_length(item_id, sound)

    async def _nothing_after(self, seconds: float, item_id: str) -> None:
        await asyncio.sleep(seconds)
        if self._doubt and self._doubt.heard_again == item_id:
            await self._was_nothing(item_id, is_noise=False)

    async def _judge_by_length(self, item_id: str, sound: Sound) -> None:
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
        if doubt.broke_off is not None:
            doubt.session.request_response(rest_of_reply(doubt.session.agent, doubt.broke_off))
        paused_ms = (asyncio.get_running_loop().time() - doubt.began_at) * 1000
        self._emit(AgentResumed(item_id=item_id, paused_ms=round(paused_ms)))

    async def _release(self, doubt: Doubt, *, is_cut: bool) -> None:
        for event in doubt.held:
            if is_cut and isinstance(event, CallMade):
                event = replace(event, call=replace(event.call, is_complete=False))
            if not (is_cut and isinstance(event, CallBegun)):
                await self._dispatch(doubt.session, event)
