"""A caller who follows a script: listens, speaks, presses keys, interrupts, hangs up."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emulators.speech import Speech
from emulators.twilio.frames import samples
from emulators.twilio.telephone import Telephone
from emulators.twilio.voices import speech_of, spoken


@dataclass(frozen=True, slots=True)
class Say:
    """Speaks a line.

    Attributes:
        text: The line.
        interrupt_after_s: Speak this long after the agent has begun its turn instead of waiting
            for the turn's end.
    """

    text: str
    interrupt_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """Presses keys once the agent has finished."""

    keys: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Says nothing for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Says nothing until something is so that the caller has no ear for; it is asked often."""

    condition: Callable[[], bool]


Step = Say | Press | Wait | Until


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a caller takes turns; all in seconds.

    Attributes:
        quiet_s: Silence after which the agent's turn counts as over.
        patience_s: How long to wait for the agent to begin.
        longest_turn_s: After this the caller goes on although the agent still speaks.
        linger_s: How long to stay on the line after the last turn.
        listens_first: Wait for the agent's greeting before the first line.
    """

    quiet_s: float = 1.2
    patience_s: float = 10.0
    longest_turn_s: float = 60.0
    linger_s: float = 0.0
    listens_first: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """What the caller did, in samples since the call was connected.

    Attributes:
        text: What was said, or the keys that were pressed.
        by_key: Whether it was keys.
        start: Of the caller's speech.
        end: Of the caller's speech, exclusive.
    """

    text: str
    by_key: bool
    start: int
    end: int


class ScriptedCaller:
    """A `Party` that follows a script and keeps a record of its turns.

    Args:
        steps: The script; a plain string is a line to say.
        voice: A voice of `emulators.speech_espeak`, or one of flite's.
        speech: Says the lines; by default the engine that has the voice.
        manners: How it takes turns.
        hang_up_after_s: Hang up this long after the call was connected, whatever goes on.
    """

    def __init__(
        self,
        steps: Sequence[Step | str],
        *,
        voice: str = "caller",
        speech: Speech | None = None,
        manners: Manners | None = None,
        hang_up_after_s: float | None = None,
    ) -> None:
        self.turns: list[Turn] = []
        self.manners = manners or Manners()
        self._steps = [Say(step) if isinstance(step, str) else step for step in steps]
        self._voice = voice
        self._speech = speech or speech_of(voice)
        self._hang_up_after_s = hang_up_after_s
        self._audio: dict[str, bytes] = {}

    async def prepare(self) -> None:
        """Synthesises every line. Raises ``ValueError`` for a voice or a line that can't be."""
        for step in self._steps:
            if isinstance(step, Say) and step.text not in self._audio:
                self._audio[step.text] = await spoken(self._speech, step.text, self._voice)

    async def talk(self, phone: Telephone) -> None:
        """Follows the script to its end, hears the last answer out, and returns."""
        script = asyncio.create_task(self._follow(phone))
        enough = asyncio.create_task(phone.until(lambda: False, timeout_s=self._hang_up_after_s))
        try:
            await asyncio.wait({script, enough}, return_when=asyncio.FIRST_COMPLETED)
            if script.done():
                script.result()
        finally:
            script.cancel()
            enough.cancel()
            await asyncio.wait({script, enough})

    async def _follow(self, phone: Telephone) -> None:
        for step in self._steps:
            match step:
                case Wait(seconds):
                    await phone.pause(seconds)
                case Until(condition):
                    await phone.until(condition, timeout_s=self.manners.longest_turn_s)
                case Say(text, None):
                    await self._hear_out(phone)
                    await self._say(phone, text)
                case Say(text, interrupt_after_s):
                    await self._await_speech(phone)
                    await phone.pause(interrupt_after_s or 0)
                    await self._say(phone, text)
                case Press(keys):
                    await self._hear_out(phone)
                    start = phone.position
                    await phone.press(keys)
                    self.turns.append(Turn(keys, True, start, phone.position))
        await self._hear_out(phone)
        if self.manners.linger_s:
            await phone.pause(self.manners.linger_s)

    async def _say(self, phone: Telephone, text: str) -> None:
        span = await phone.say(self._audio[text])
        self.turns.append(Turn(text, False, span.start, span.end))

    async def _await_speech(self, phone: Telephone) -> bool:
        """Waits for the agent's turn to begin; False when patience ends first."""
        since = self.turns[-1].start if self.turns else 0
        mine = self.turns[-1].end if self.turns else 0

        def answered_or_silent() -> bool:
            quiet = min(phone.ear.quiet, phone.position - mine)
            return phone.ear.spoke_after(since) or quiet >= samples(self.manners.patience_s)

        await phone.until(answered_or_silent, timeout_s=self.manners.longest_turn_s)
        return phone.ear.spoke_after(since)

    async def _hear_out(self, phone: Telephone) -> None:
        """Waits until the agent has had its turn."""
        if not self.turns and not self.manners.listens_first:
            return
        if await self._await_speech(phone):
            enough = samples(self.manners.quiet_s)
            await phone.until(
                lambda: phone.ear.quiet >= enough, timeout_s=self.manners.longest_turn_s
            )
