"""The agent's side: its audio on the way to the caller, its words, and what was heard of them."""

import time
from collections import deque
from collections.abc import Awaitable, Callable

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

from processors.events.calls import Problem
from processors.events.conversation import AgentTranscript
from processors.events.event import Emit
from processors.events.figures import TurnLatency
from processors.playback import Heard, Playback
from processors.realtime.audio import AudioFormat
from processors.realtime.history import History
from processors.realtime.items import new_item_id
from processors.realtime.outlet import Outlet
from processors.realtime.pace import Pace, heard_words
from processors.realtime.server_events import AgentTextDelta, AudioDelta, AudioDone, ResponseDone
from processors.realtime.session import Session
from processors.realtime.utterance import Utterance

REMEMBERED_RESPONSES = 16
"""For how many responses it is known whether they had audio, and that they are dead."""


class AgentSpeech:
    """Passes the live response's audio and words on, and drops those of dead responses.

    ``on_cut`` is told what was heard of an item that was cut, and which session had said it; the
    history knows by then.
    """

    def __init__(
        self,
        playback: Playback,
        history: History,
        audio_format: AudioFormat,
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
        *,
        on_cut: Callable[[Session, Heard], None],
        rtvi: bool,
    ) -> None:
        self._playback = playback
        self._outlet = Outlet(playback, audio_format, push)
        self._history = history
        self._format = audio_format
        self._emit = emit
        self._push = push
        self._on_cut = on_cut
        self._rtvi = rtvi
        self._utterances: dict[str, Utterance] = {}
        self._dead: deque[str] = deque(maxlen=REMEMBERED_RESPONSES)
        self._spoke: deque[str] = deque(maxlen=REMEMBERED_RESPONSES)
        self._speaking_response: str | None = None
        self._caller_stopped_at: float | None = None
        self._pace = Pace()
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
        if not self._outlet.has_room:
            await self._stop_short(session, utterance)
            return
        if self._speaking_response != event.response_id:
            self._speaking_response = event.response_id
            self._spoke.append(event.response_id)
            await self._push(TTSStartedFrame())
        utterance.has_audio = True
        utterance.audio_ms += len(pcm) * 500 / self._format.sample_rate
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

    async def done(self, event: ResponseDone) -> str:
        """A response ended. Returns what was said of one that failed."""
        if self._rtvi and event.response_id not in self._dead:
            await self._push(LLMFullResponseEndFrame())
        if event.status == "cancelled":
            # Nothing that comes after this is meant to be heard.
            self._dead.append(event.response_id)
        if event.status not in ("failed", "incomplete"):
            await self._finish(event.response_id)
            return ""
        broken = [item.get("id") for item in event.output if item.get("status") == "incomplete"]
        for utterance in self._of(event.response_id):
            if utterance.item_id in broken:
                self._take_back(utterance)
                if utterance.session:
                    # The model, too, may have been ahead of its voice.
                    place = (utterance.item_id, utterance.content_index)
                    utterance.session.truncate(*place, int(utterance.audio_ms))
        said = self._said_in(event.response_id)
        await self._finish(event.response_id)
        # What still comes has crossed this: it is not in the conversation.
        self._dead.append(event.response_id)
        return said

    # What happens to the call.

    async def _finish(self, response_id: str) -> None:
        """No more of this response will come: what it said so far is all."""
        for utterance in self._of(response_id):
            if utterance.has_audio and not utterance.is_done:
                await self.audio_done(
                    AudioDone(response_id, utterance.item_id, utterance.content_index)
                )
            utterance.is_complete = True
            if utterance.is_done and not utterance.is_broken and response_id not in self._dead:
                self._pace.measure(utterance.text, utterance.audio_ms)
            if utterance.is_heard or not utterance.has_audio:
                self._conclude(utterance, utterance.text, is_cut=False)

    async def abandon(self, response_id: str | None) -> str:
        """The response is of no interest any more; what was passed on of it may still be heard.

        Words come ahead of their audio: those without any are not part of the conversation.
        Returns what is still heard, or was; nothing when nothing was said.
        """
        if response_id is None:
            return ""
        for utterance in self._of(response_id):
            if not utterance.is_done:
                self._take_back(utterance)
        said = self._said_in(response_id)
        await self._finish(response_id)
        self._dead.append(response_id)
        return said

    async def announce(
        self, agent: str, text: str, pcm: bytes, *, is_remembered: bool = True
    ) -> None:
        """Plays a line that no model says, after what waits to be heard.

        One that is not ``is_remembered`` is in the transcript, but not in what models are told.
        """
        utterance = Utterance(None, "", new_item_id(), agent, deltas=[text], has_audio=True)
        utterance.is_done = utterance.is_complete = True
        utterance.is_remembered = is_remembered
        self._speaking_response = None
        self._utterances[utterance.item_id] = utterance
        self._emit(AgentTranscript(item_id=utterance.item_id, agent=agent, text=text, final=False))
        await self._push(TTSStartedFrame())
        if self._rtvi:
            await self._push_words(text)
        await self._outlet.play(utterance.item_id, 0, pcm)
        await self._push(TTSStoppedFrame())
        self._playback.completed(utterance.item_id, 0)

    async def sound(self, item_id: str, pcm: bytes) -> None:
        """Plays what is no speech, such as tones, after what waits to be heard."""
        await self._outlet.play(item_id, 0, pcm)
        self._playback.completed(item_id, 0)

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

    def is_saying(self, item_id: str) -> bool:
        """Whether the item is being made, or heard."""
        return item_id in self._utterances

    def has_spoken(self, response_id: str) -> bool:
        """Whether any audio of the response was passed on."""
        return response_id in self._spoke

    # Inside.

    async def _stop_short(self, session: Session, utterance: Utterance) -> None:
        """The line can't keep up: the rest is given up, and what is heard stays in one piece."""
        behind_s = self._playback.waiting_ms // 1000
        told = f"the line has {behind_s} s of the agent's audio still to play: the rest is dropped"
        self._emit(Problem(source="transport", code="line_behind", message=told))
        session.cancel_response()
        session.truncate(utterance.item_id, utterance.content_index, int(utterance.audio_ms))
        await self.abandon(utterance.response_id)

    def _take_back(self, utterance: Utterance) -> None:
        """Words that are ahead of a voice which has broken off will never be heard."""
        utterance.deltas = [self._pace.words_in(utterance.audio_ms, utterance.text)]
        utterance.is_broken = True
        self._history.agent_said(utterance.item_id, utterance.text)

    def _said_in(self, response_id: str) -> str:
        return " ".join(u.text for u in self._of(response_id) if u.has_audio and u.text)

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

    def _utterance(self, session: Session, response_id: str, item_id: str) -> Utterance:
        utterance = self._utterances.get(item_id)
        if utterance is None:
            utterance = Utterance(session, response_id, item_id, session.agent.name)
            self._utterances[item_id] = utterance
        return utterance

    def _of(self, response_id: str) -> list[Utterance]:
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
        share = heard.heard_ms / heard.queued_ms if heard.queued_ms else 0.0
        self._conclude(utterance, heard_words(utterance.text, share), is_cut=True)
        if utterance.session:
            self._on_cut(utterance.session, heard)

    def _conclude(self, utterance: Utterance, text: str, *, is_cut: bool) -> None:
        if self._utterances.pop(utterance.item_id, None) is None:
            return
        if utterance.is_remembered:
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
