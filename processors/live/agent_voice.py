"""The agent's side: what is speech in an endless stream of audio, and what was heard of it."""

import asyncio
import audioop
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

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

from processors.events.conversation import AgentTranscript
from processors.events.event import Emit
from processors.live.ticker import Quiet
from processors.playback import Heard, Playback
from processors.realtime.audio import SAMPLE_WIDTH, AudioFormat
from processors.realtime.items import Message, new_item_id
from processors.realtime.outlet import Outlet
from processors.realtime.pace import heard_words

AUDIBLE_RMS = 60
"""Of PCM16: -55 dB of full scale. The model's silence is digital, or nearly so."""

QUIET_S = 0.8
"""Neither words nor sound for so long end what the agent says. Fragments come every 200 ms."""


UNHEARD_S = 0.5
"""What comes so soon after speech that was not heard goes on with it."""


@dataclass(slots=True)
class _Utterance:
    item_id: str
    agent: str
    message: Message
    text: str = ""
    has_audio: bool = False
    is_done: bool = False


class AgentVoice:
    """Passes speech on, drops the silence around it, and tells what was said.

    Attributes:
        is_muted: Nothing of it is passed on.
        quiet: Says when the agent is silent, and for how long.
    """

    def __init__(
        self,
        playback: Playback,
        audio_format: AudioFormat,
        history: list[Message],
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
        *,
        on_sound: Callable[[], None],
        rtvi: bool,
    ) -> None:
        self.is_muted = False
        self._has_spoken = asyncio.Event()
        self._playback = playback
        self._format = audio_format
        self._history = history
        self._emit = emit
        self._push = push
        self._on_sound = on_sound
        self._rtvi = rtvi
        self._outlet = Outlet(playback, audio_format, push)
        self._utterances: dict[str, _Utterance] = {}
        self._current: _Utterance | None = None
        self._rest = b""
        self._before = b""
        self._unheard_at: float | None = None
        self.quiet = Quiet(QUIET_S, self._end)
        playback.listen(self._ended)

    @property
    def is_speaking(self) -> bool:
        """Whether something is being said, or was a moment ago."""
        return self._current is not None

    @property
    def _is_unheard(self) -> bool:
        """Whether what is being said began unheard: nobody is to hear it from its middle on."""
        if self._unheard_at is None:
            return False
        return asyncio.get_running_loop().time() - self._unheard_at < UNHEARD_S

    @property
    def item_id(self) -> str:
        """Of what is being said; empty while nothing is."""
        return self._current.item_id if self._current else ""

    def heard_ms_of(self, item_id: str) -> int:
        """How much of it was heard."""
        return self._playback.heard_ms(item_id)

    def is_saying(self, item_id: str) -> bool:
        """Whether some of it is still to be heard, or may come."""
        return item_id in self._utterances

    async def has_spoken(self) -> None:
        """Returns at the next end of something that the agent says."""
        await self._has_spoken.wait()

    async def audio(self, agent: str, payload: str) -> None:
        """More of the stream, speech or not."""
        pcm = self._format.decode(payload)
        is_audible = audioop.rms(pcm, SAMPLE_WIDTH) >= AUDIBLE_RMS
        if self.is_muted or self._is_unheard:
            self._unheard_at = asyncio.get_running_loop().time() if is_audible else None
            return
        if not self._outlet.has_room:
            return
        if is_audible:
            utterance = await self._utterance(agent)
            if not utterance.has_audio:
                utterance.has_audio = True
                self._on_sound()
                pcm = self._before + pcm
            self.quiet.disturb()
        elif self._current is None or not self._current.has_audio:
            # What comes right before a sound belongs to it.
            self._before = pcm
            return
        # Silence in the middle of speech belongs to it as well.
        self._before = b""
        if self._current:
            await self._pass_on(self._current, pcm)

    async def words(self, agent: str, delta: str) -> None:
        """More words of what is being said."""
        if self.is_muted or self._is_unheard:
            return
        utterance = await self._utterance(agent)
        self.quiet.disturb()
        utterance.text += delta
        utterance.message.text = utterance.text
        self._tell(utterance, is_final=False)
        if self._rtvi:
            await self._push_words(delta)

    async def announce(self, agent: str, text: str, pcm: bytes) -> None:
        """Plays a line that no model says, after what waits to be heard."""
        utterance = _Utterance(new_item_id(), agent, Message(new_item_id(), "assistant", text))
        utterance.text = text
        utterance.has_audio = utterance.is_done = True
        self._utterances[utterance.item_id] = utterance
        self._tell(utterance, is_final=False)
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

    async def cut(self) -> None:
        """What waits to be heard is not heard any more, and nothing goes on from before."""
        self._outlet.cut()
        await self.finish()

    async def finish(self) -> None:
        """What is being said ends here."""
        self.quiet.stop()
        await self._end()

    async def _utterance(self, agent: str) -> _Utterance:
        if self._current is None:
            message = Message(new_item_id(), "assistant", "")
            self._current = _Utterance(message.id, agent, message)
            self._utterances[message.id] = self._current
            self._history.append(message)
            if self._rtvi:
                await self._push(LLMFullResponseStartFrame())
            await self._push(TTSStartedFrame())
        return self._current

    async def _pass_on(self, utterance: _Utterance, pcm: bytes) -> None:
        pcm = self._rest + pcm
        whole = len(pcm) // self._outlet.frame_bytes * self._outlet.frame_bytes
        self._rest = pcm[whole:]
        await self._outlet.play(utterance.item_id, 0, pcm[:whole])

    async def _end(self) -> None:
        utterance, self._current = self._current, None
        rest, self._rest = self._rest, b""
        if utterance is None:
            return
        if rest and not self.is_muted:
            whole = rest.ljust(self._outlet.frame_bytes, b"\0")
            await self._outlet.play(utterance.item_id, 0, whole)
        utterance.is_done = True
        await self._push(TTSStoppedFrame())
        if self._rtvi:
            await self._push(LLMFullResponseEndFrame())
        if utterance.has_audio and not self._is_ended(utterance):
            self._playback.completed(utterance.item_id, 0)
        else:
            self._conclude(utterance)
        self._has_spoken.set()
        self._has_spoken = asyncio.Event()

    def _is_ended(self, utterance: _Utterance) -> bool:
        return utterance.item_id not in self._utterances

    def _ended(self, heard: Heard) -> None:
        utterance = self._utterances.get(heard.item_id)
        if utterance is None:
            return
        if heard.cut:
            share = heard.heard_ms / heard.queued_ms if heard.queued_ms else 0.0
            utterance.text = heard_words(utterance.text, share)
        if heard.cut or utterance.is_done:
            self._conclude(utterance, is_cut=heard.cut)

    def _conclude(self, utterance: _Utterance, *, is_cut: bool = False) -> None:
        if self._utterances.pop(utterance.item_id, None) is None:
            return
        utterance.message.text = utterance.text
        utterance.message.is_cut = is_cut
        self._tell(utterance, is_final=True, is_cut=is_cut)

    def _tell(self, utterance: _Utterance, *, is_final: bool, is_cut: bool = False) -> None:
        self._emit(
            AgentTranscript(
                item_id=utterance.item_id,
                agent=utterance.agent,
                text=utterance.text.strip(),
                final=is_final,
                interrupted=is_cut,
            )
        )

    async def _push_words(self, delta: str) -> None:
        await self._push(LLMTextFrame(delta))
        spoken = TTSTextFrame(delta, text_type=TextType.SENTENCE)
        spoken.includes_inter_frame_spaces = True
        await self._push(spoken)
