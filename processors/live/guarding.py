"""Keeps from the caller what an agent must not say, in a stream that nobody can stop."""

import audioop
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from pipecat.frames.frames import Frame, InterruptionFrame

from agents.team import Agent
from processors.events.conversation import GuardrailTripped
from processors.events.event import Emit
from processors.guardrails import MOST_TRIES, GuardedWords, Trip
from processors.live.agent_voice import AUDIBLE_RMS, AgentVoice
from processors.live.wording import line
from processors.realtime.audio import SAMPLE_WIDTH, AudioFormat

SETTLED = 4
"""Fragments of 200 ms without words after which those before stand alone."""

QUIET = 2
"""Fragments of silence after which the model has said what it had to say."""


class Tell(Protocol):
    """Tells the session's model something, by a channel of `processors.live.session`."""

    def __call__(self, channel: str, text: str) -> None:
        """Sends it, if there is a session."""
        ...


class LiveGuarding:
    """Between the model and the agent's voice.

    The API sends a fragment's audio before its words, so that each fragment of an agent with
    guardrails waits for the next one: that makes its answers 200 ms later. What may be the
    beginning of something forbidden waits longer. What is forbidden is not heard, nor what the
    model says behind it, since it goes on until it is finished; then something else is asked for.
    """

    def __init__(
        self,
        voice: AgentVoice,
        audio_format: AudioFormat,
        emit: Emit,
        *,
        tell: Tell,
        broadcast: Callable[[type[Frame]], Awaitable[None]],
    ) -> None:
        self._voice = voice
        self._format = audio_format
        self._emit = emit
        self._tell = tell
        self._broadcast = broadcast
        self._frames: deque[str] = deque()
        self._held = ""
        self._words: GuardedWords | None = None
        self._since_words = 0
        self._silent = 0
        self._stopped: Trip | None = None
        self._tries = 0

    @property
    def is_stopped(self) -> bool:
        """Whether the model was stopped, and nothing else is said yet."""
        return self._stopped is not None

    def caller_spoke(self) -> None:
        """What comes next answers something else."""
        self._tries = 0

    async def audio(self, agent: Agent, payload: str) -> None:
        """More of the stream."""
        if self._voice.is_muted:
            self._forget()
        if self._voice.is_muted or not agent.guardrails:
            await self._voice.audio(agent.name, payload)
            return
        self._since_words += 1
        if self._stopped:
            self._wait_for_silence(self._stopped, payload)
            return
        self._frames.append(payload)
        if self._words and self._since_words >= SETTLED:
            words, self._words = self._words, None
            if trip := words.end():
                await self._stop(agent, trip)
                return
            await self._let_go(agent)
        if self._words is None or not self._words.is_open:
            while len(self._frames) > 1:
                await self._voice.audio(agent.name, self._frames.popleft())

    async def words(self, agent: Agent, delta: str) -> None:
        """More words."""
        if self._voice.is_muted or not agent.guardrails:
            await self._voice.words(agent.name, delta)
            return
        self._since_words = 0
        if self._stopped:
            return
        self._words = self._words or GuardedWords(agent.guardrails)
        self._held += delta
        if trip := self._words.add(delta):
            await self._stop(agent, trip)
        elif not self._words.is_open:
            await self._let_go(agent)

    async def _let_go(self, agent: Agent) -> None:
        held, self._held = self._held, ""
        if held:
            await self._voice.words(agent.name, held)

    def _forget(self) -> None:
        """Nobody hears what is being said: it needs no guarding, and is not held back for later."""
        self._frames.clear()
        self._held, self._words, self._stopped = "", None, None

    async def _stop(self, agent: Agent, trip: Trip) -> None:
        self._frames.clear()
        self._held, self._words = "", None
        self._stopped, self._silent = trip, 0
        self._tries += 1
        self._emit(
            GuardrailTripped(
                guardrail=trip.guardrail,
                source=trip.source,
                agent=agent.name,
                item_id=self._voice.item_id,
                words=trip.words,
                heard_ms=self._voice.heard_ms,
                instead=trip.line(self._tries) or "",
            )
        )
        await self._voice.cut()
        await self._broadcast(InterruptionFrame)
        self._tell("instructions", trip.told)

    def _wait_for_silence(self, trip: Trip, payload: str) -> None:
        is_silent = audioop.rms(self._format.decode(payload), SAMPLE_WIDTH) < AUDIBLE_RMS
        self._silent = self._silent + 1 if is_silent else 0
        if self._silent < QUIET or self._since_words < QUIET:
            return
        self._stopped = None
        if self._tries > MOST_TRIES:
            return
        instead = trip.line(self._tries)
        asked = line(instead) if instead else "Answer the caller again, and leave that out."
        self._tell("commentary", f"{asked} Then call {trip.then}." if trip.then else asked)
