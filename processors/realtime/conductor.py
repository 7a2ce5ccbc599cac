"""Does what the pipeline wants of a call's Realtime side."""

import asyncio
from collections.abc import Sequence
from typing import Any

from agents.team import Agent
from processors.events.conversation import AgentChanged
from processors.realtime.announcements import Clip
from processors.realtime.controls import Controls
from processors.realtime.items import Message
from processors.realtime.last_words import hear_last_words
from processors.realtime.parts import Parts
from processors.realtime.responses import ResponseRequest
from processors.realtime.session import SessionError
from processors.realtime.uplink import Uplink
from processors.realtime.wording import spoken_line
from processors.sensitive_digits import SensitiveDigits

WORDS_TIMEOUT_S = 3.0
"""How long the transcript of a yes may take before it counts as none."""


class Conductor:
    """One call's Realtime side."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._uplink = Uplink(parts.emit)
        self._closing: asyncio.Task[None] | None = None

    @property
    def agent(self) -> Agent:
        """Who has the caller now."""
        return self._parts.agent

    @property
    def controls(self) -> Controls:
        """How others act on the conversation."""
        return self._parts.controls

    @property
    def secrets(self) -> SensitiveDigits:
        """Digits that nobody may see."""
        return self._parts.secrets

    def start(self) -> None:
        """Opens the first session and has the first agent greet, beside everything else."""
        self._parts.background.start(self._begin(), "realtime-begin")
        self._parts.background.start(self._parts.holding_line.watch(), "realtime-holding-line")
        self._parts.background.start(self._parts.line_probe.watch(), "realtime-line-probe")

    def hear(self, pcm: bytes) -> None:
        """The caller's audio; kept as long as no session may have understood it."""
        audible = self.controls.muting.audible(pcm)
        payload = self._parts.caller.audio.append(audible)
        session = self._parts.sessions.current
        if session is not None:
            self._uplink.send(session, payload)
        if session is None or session.loss:
            self._parts.waiting.hear(audible)

    def append(self, messages: Sequence[Any], *, respond: bool) -> None:
        """Typed text. With ``respond`` it interrupts the agent, as speech does.

        While a person talks with the caller it is for them: the agent knows it, and is silent.
        """
        if self.controls.muting.is_muted("caller"):
            return
        respond = respond and not self.controls.muting.is_aside
        self._parts.background.start(
            self._parts.typed.append(messages, respond=respond), "realtime-append"
        )

    async def say(self, text: str) -> None:
        """Has the agent say a line as soon as nobody else speaks; returns when it was heard."""
        try:
            session = await self._parts.sessions.ready()
        except SessionError:
            await self._parts.voiceless.say(text)
            return
        self.controls.muting.let_go()
        request = spoken_line(text, is_exact=True)
        session.request_response(request)
        await request.finished
        await self._parts.playback.drained()

    def fill(self, text: str) -> bool:
        """Has the agent say a line if nobody speaks, or is about to; whether it does."""
        session = self._parts.sessions.current
        if session is None or not self._parts.upkeep.floor.is_quiet:
            return False
        session.request_response(spoken_line(text))
        return True

    async def play(self, clip: Clip) -> bool:
        """Plays a line of ours, and whether it was heard before the line fell silent for good."""
        await self._parts.speech.announce(self.agent.name, clip.text, clip.pcm)
        return await self._parts.playback.heard_out()

    async def spoken(self) -> list[Message]:
        """What was said so far, once the words of the caller's last turn are known."""
        if self._parts.caller.has_unknown_words:
            await self._parts.caller.transcribed(WORDS_TIMEOUT_S)
        return [item for item in self._parts.history.items if isinstance(item, Message)]

    async def press(self, key: str) -> None:
        """The caller pressed a key."""
        await self.controls.press(key)

    async def interrupted(self) -> None:
        """A client interrupted the agent; the frame that said so drops what waits to be heard."""
        if session := self._parts.sessions.current:
            self._parts.interjections.drop(session)
            session.cancel_response()
            self._parts.upkeep.silenced()

    def stop(self) -> None:
        """The call ends: nothing more is said or heard, what was said may still be played."""
        if self._closing is None:
            self._parts.dispatch.is_ending = True
            self.controls.keypad.close()
            self._closing = asyncio.create_task(self._close(), name="realtime-close")

    async def close(self) -> None:
        """Frees everything; what was not heard by now never will be."""
        self.stop()
        if self._closing:
            await self._closing
        self._parts.playback.cut()

    async def _close(self) -> None:
        await self._parts.background.close()
        await self._parts.handover.close()
        await hear_last_words(self._parts.sessions.current, self._parts.caller)
        await self._parts.sessions.close()
        await self._parts.voiceless.close()

    async def _begin(self) -> None:
        entry = self._parts.team.entry
        self._parts.emit(AgentChanged(from_agent=None, to_agent=entry.name, voice=entry.voice))
        self.controls.first_words.begin()
        session = await self._parts.sessions.begin(entry)
        if session is None or not await self.controls.first_words.over():
            return
        (self._parts.sessions.current or session).request_response(
            spoken_line(entry.greeting) if entry.greeting else ResponseRequest()
        )
