"""The agent's side: its audio on the way to the caller, its words, and what was heard of them."""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from loguru import logger
from pipecat.frames.frames import (
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.utils.text.base_text_aggregator import TextType

from processors.events import AgentTranscript, Emit, TurnLatency
from processors.playback import Heard, Playback
from processors.realtime.audio import AudioFormat
from processors.realtime.history import History
from processors.realtime.outlet import Outlet
from processors.realtime.server_events import AgentTextDelta, AudioDelta, AudioDone, ResponseDone
from processors.realtime.session import Session

REMEMBERED_RESPONSES = 16
"""For how many responses it is known whether they had audio, and that they are dead."""


@dataclass(slots=True)
class _Utterance:
    """One item that the agent says.

    ``is_done`` is true when all its audio has come, ``is_complete`` when its words have, too.
    """

    session: Session
    response_id: str
    item_id: str
    agent: str
    content_index: int = 0
    deltas: list[str] = field(default_factory=list)
    rest: bytes = b""
    has_audio: bool = False
    is_done: bool = False
    is_complete: bool = False
    is_heard: bool = False

    @property
    def text(self) -> str:
        return "".join(self.deltas)


class AgentSpeech:
    """Passes the live response's audio and words on, and drops those of dead responses."""

    def __init__(
        self,
        playback: Playback,
        history: History,
        audio_format: AudioFormat,
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
        *,
        rtvi: bool,
    ) -> None:
        self._playback = playback
        self._outlet = Outlet(playback, audio_format, push)
        self._history = history
        self._format = audio_format
        self._emit = emit
        self._push = push
        self._rtvi = rtvi
        self._utterances: dict[str, _Utterance] = {}
        self._dead: deque[str] = deque(maxlen=REMEMBERED_RESPONSES)
        self._spoke: deque[str] = deque(maxlen=REMEMBERED_RESPONSES)
        self._speaking_response: str | None = None
        self._caller_stopped_at: float | None = None
        playback.listen(self._ended)

    # What the session reports.

    def caller_started(self) -> None:
        """The caller speaks: what comes next is no answer to what they said before."""
        self._caller_stopped_at = None

    def caller_stopped(self) -> None:
        """The caller's turn ended: the time until the answer begins counts from here."""
        self._caller_stopped_at = time.monotonic()

    async def begins(self, response_id: str) -> None:
        """A response began."""
        if self._rtvi and response_id not in self._dead:
            await self._push(LLMFullResponseStartFrame())

    async def audio(self, session: Session, event: AudioDelta) -> None:
        """More audio."""
        if event.response_id in self._dead:
            return
        try:
            pcm = self._format.decode(event.payload)
        except ValueError:
            logger.warning("skipped audio that is not base64")
            return
        self._note_latency()
        utterance = self._utterance(session, event.response_id, event.item_id)
        if self._speaking_response != event.response_id:
            self._speaking_response = event.response_id
            self._spoke.append(event.response_id)
            await self._push(TTSStartedFrame())
        utterance.has_audio = True
        utterance.content_index = event.content_index
        pcm = utterance.rest + pcm
        whole = len(pcm) // self._outlet.frame_bytes * self._outlet.frame_bytes
        utterance.rest = pcm[whole:]
        await self._outlet.play(event.item_id, event.content_index, pcm[:whole])

    async def audio_done(self, event: AudioDone) -> None:
        """All audio of one item has come."""
        utterance = self._utterances.get(event.item_id)
        if utterance and event.response_id not in self._dead:
            rest, utterance.rest = utterance.rest, b""
            if rest:
                await self._outlet.play(event.item_id, event.content_index, rest)
            await self._push(TTSStoppedFrame())
            self._speaking_response = None
            utterance.is_done = True
            self._playback.completed(event.item_id, event.content_index)

    async def words(self, session: Session, event: AgentTextDelta) -> None:
        """More words, spoken or written."""
        if event.response_id in self._dead or not event.delta:
            return
        utterance = self._utterance(session, event.response_id, event.item_id)
        utterance.deltas.append(event.delta)
        self._history.agent_said(event.item_id, utterance.text)
        self._emit(
            AgentTranscript(
                item_id=event.item_id, agent=utterance.agent, text=utterance.text, final=False
            )
        )
        if self._rtvi:
            await self._push_words(event.delta)

    async def done(self, event: ResponseDone) -> None:
        """A response ended."""
        if self._rtvi and event.response_id not in self._dead:
            await self._push(LLMFullResponseEndFrame())
        if event.status == "cancelled":
            # Nothing that comes after this is meant to be heard.
            self._dead.append(event.response_id)
        await self._finish(event.response_id)

    # What happens to the call.

    async def _finish(self, response_id: str) -> None:
        """No more of this response will come: what it said so far is all."""
        for utterance in self._of(response_id):
            if utterance.has_audio and not utterance.is_done:
                await self.audio_done(
                    AudioDone(response_id, utterance.item_id, utterance.content_index)
                )
            utterance.is_complete = True
            if utterance.is_heard or not utterance.has_audio:
                self._conclude(utterance, utterance.text, is_cut=False)

    async def abandon(self, response_id: str | None) -> None:
        """The response is of no interest any more; what was passed on of it may still be heard."""
        if response_id:
            await self._finish(response_id)
            self._dead.append(response_id)

    def pause(self) -> bool:
        """The agent falls silent, but may go on; whether the line holds what it has to drop."""
        return self._outlet.pause()

    async def resume(self) -> None:
        """The agent goes on where it was heard last, without having been asked anything."""
        self._caller_stopped_at = None
        await self._outlet.resume()

    def interrupt(self, response_id: str | None) -> Heard | None:
        """The caller cuts the agent short; returns what was being heard, if anything.

        Everything that waits is dropped, and the response that is under way is dead.
        """
        if response_id:
            self._dead.append(response_id)
        self._speaking_response = None
        cut = self._outlet.cut()
        for utterance in self._of(response_id) if response_id else ():
            if not utterance.has_audio:
                self._conclude(utterance, "", is_cut=True)
        return next((heard for heard in cut if heard.queued_ms), None)

    def has_spoken(self, response_id: str) -> bool:
        """Whether any audio of the response was passed on."""
        return response_id in self._spoke

    # Inside.

    def _note_latency(self) -> None:
        if self._caller_stopped_at is not None:
            latency = (time.monotonic() - self._caller_stopped_at) * 1000
            self._caller_stopped_at = None
            self._emit(TurnLatency(latency_ms=round(latency, 1)))

    async def _push_words(self, delta: str) -> None:
        await self._push(LLMTextFrame(delta))
        spoken = TTSTextFrame(delta, text_type=TextType.SENTENCE)
        spoken.includes_inter_frame_spaces = True
        await self._push(spoken)

    def _utterance(self, session: Session, response_id: str, item_id: str) -> _Utterance:
        utterance = self._utterances.get(item_id)
        if utterance is None:
            utterance = _Utterance(session, response_id, item_id, session.agent.name)
            self._utterances[item_id] = utterance
        return utterance

    def _of(self, response_id: str) -> list[_Utterance]:
        return [u for u in self._utterances.values() if u.response_id == response_id]

    def _ended(self, heard: Heard) -> None:
        """Playback of an item ended."""
        utterance = self._utterances.get(heard.item_id)
        if utterance is None:
            return
        if not heard.cut:
            utterance.is_heard = True
            if utterance.is_complete:
                self._conclude(utterance, utterance.text, is_cut=False)
            return
        utterance.session.truncate(heard.item_id, heard.content_index, heard.heard_ms)
        share = heard.heard_ms / heard.queued_ms if heard.queued_ms else 0.0
        self._conclude(utterance, heard_words(utterance.text, share), is_cut=True)

    def _conclude(self, utterance: _Utterance, text: str, *, is_cut: bool) -> None:
        if self._utterances.pop(utterance.item_id, None) is None:
            return
        self._history.agent_said(utterance.item_id, text, is_cut=is_cut)
        self._emit(
            AgentTranscript(
                item_id=utterance.item_id,
                agent=utterance.agent,
                text=text,
                final=True,
                interrupted=is_cut,
            )
        )


def heard_words(text: str, share: float) -> str:
    """The words of ``text`` that had begun when ``share`` (0 to 1) of its audio was heard.

    Words take about as long as they are long: that is all that is known without timestamps.
    """
    if share >= 1:
        return text
    end = int(len(text) * share)
    if end <= 0:
        return ""
    space = text.find(" ", end)
    return text if space < 0 else text[:space]
