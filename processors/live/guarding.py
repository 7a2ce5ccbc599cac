"""Keeps from the caller what an agent must not say, in a stream that nobody can stop."""

import audioop
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from pipecat.frames.frames import Frame, InterruptionFrame

from agents.team import Agent
from processors.events.conversation import GuardrailTripped
from processors.events.event import Emit
from processors.guardrails import MOST_TRIES, GuardedWords, Trip, flagged
from processors.live.agent_voice import AUDIBLE_RMS, AgentVoice
from processors.live.wording import line
from processors.moderation import Moderation, Sentences
from processors.realtime.audio import SAMPLE_WIDTH, AudioFormat
from processors.realtime.background import Background

SETTLED = 4
"""Fragments of 200 ms without words after which those before stand alone."""

PAUSED = 2
"""Fragments without words after which a sentence is taken for whole."""

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
    model says behind it. It can't be stopped: so another session takes its place, which says
    something else at once. Where none can, the model is waited for until it has finished.

    A moderation model, where there is one, is asked about each sentence, and nothing waits for it.

    Args:
        tell: Tells the model, and those of sessions to come, something.
        start_over: Changes into a session that has nothing to finish; whether it could.
    """

    def __init__(
        self,
        voice: AgentVoice,
        audio_format: AudioFormat,
        emit: Emit,
        background: Background,
        *,
        moderation: Moderation | None,
        tell: Tell,
        start_over: Callable[[], Awaitable[bool]],
        broadcast: Callable[[type[Frame]], Awaitable[None]],
    ) -> None:
        self._voice = voice
        self._format = audio_format
        self._emit = emit
        self._background = background
        self._moderation = moderation
        self._tell = tell
        self._start_over = start_over
        self._broadcast = broadcast
        self._frames: deque[str] = deque()
        self._held = ""
        self._words: GuardedWords | None = None
        self._sentences = Sentences()
        self._item_id = ""
        self._since_words = 0
        self._silent = 0
        self._stopped: Trip | None = None
        self._is_starting_over = False
        self._tries = 0

    @property
    def is_stopped(self) -> bool:
        """Whether the model was stopped, and nothing else is said yet."""
        return self._stopped is not None

    def caller_spoke(self) -> None:
        """What comes next answers something else."""
        self._tries = 0

    def session_changed(self) -> None:
        """What waits here was said by a session that is over."""
        self._clear()
        if self._stopped and not self._is_starting_over:
            # There is nobody left to wait for.
            self._say_instead(self._stopped)

    async def audio(self, agent: Agent, payload: str) -> None:
        """More of the stream."""
        if self._voice.is_muted:
            self._forget()
            await self._voice.audio(agent.name, payload)
            return
        self._since_words += 1
        if self._stopped:
            self._wait_for_silence(self._stopped, payload)
            return
        if self._since_words == PAUSED:
            self._moderate(agent, self._sentences.end())
        if not agent.guardrails:
            await self._voice.audio(agent.name, payload)
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
        if self._voice.is_muted:
            await self._voice.words(agent.name, delta)
            return
        self._since_words = 0
        if self._stopped:
            return
        if not agent.guardrails:
            await self._pass_on(agent, delta)
            self._moderate(agent, self._sentences.add(delta))
            return
        self._words = self._words or GuardedWords(agent.guardrails)
        self._held += delta
        if trip := self._words.add(delta):
            await self._stop(agent, trip)
            return
        if not self._words.is_open:
            await self._let_go(agent)
        self._moderate(agent, self._sentences.add(delta))

    async def _let_go(self, agent: Agent) -> None:
        held, self._held = self._held, ""
        if held:
            await self._pass_on(agent, held)

    async def _pass_on(self, agent: Agent, words: str) -> None:
        await self._voice.words(agent.name, words)
        self._item_id = self._voice.item_id

    def _moderate(self, agent: Agent, sentences: Iterable[str]) -> None:
        if moderation := self._moderation:
            for sentence in sentences:
                asking = self._ask(moderation, agent, sentence, self._item_id)
                self._background.start(asking, "live-moderation")

    async def _ask(self, moderation: Moderation, agent: Agent, sentence: str, item_id: str) -> None:
        categories = await moderation.flags(sentence)
        if not categories or self._stopped:
            return
        trip = flagged(sentence, categories)
        if item_id and self._voice.is_saying(item_id):
            await self._stop(agent, trip)
        else:
            self._report(agent, trip, item_id)
            self._tell("instructions", trip.told)

    def _forget(self) -> None:
        """Nobody hears what is being said: it needs no guarding, and is not held back for later."""
        self._clear()
        self._stopped = None

    def _clear(self) -> None:
        self._frames.clear()
        self._held, self._words, self._sentences = "", None, Sentences()

    async def _stop(self, agent: Agent, trip: Trip) -> None:
        self._clear()
        self._stopped, self._silent = trip, 0
        self._tries += 1
        self._report(agent, trip, self._voice.item_id)
        await self._voice.cut()
        await self._broadcast(InterruptionFrame)
        self._tell("instructions", trip.told)
        if self._tries <= MOST_TRIES:
            self._is_starting_over = True
            self._background.start(self._speak_anew(trip), "live-start-over")

    def _report(self, agent: Agent, trip: Trip, item_id: str) -> None:
        self._emit(
            GuardrailTripped(
                guardrail=trip.guardrail,
                source=trip.source,
                agent=agent.name,
                item_id=item_id,
                words=trip.words,
                heard_ms=self._voice.heard_ms_of(item_id),
                instead=trip.line(self._tries) or "",
            )
        )

    async def _speak_anew(self, trip: Trip) -> None:
        try:
            has_changed = await self._start_over()
        finally:
            self._is_starting_over = False
        if has_changed and self._stopped is trip:
            self._say_instead(trip)

    def _wait_for_silence(self, trip: Trip, payload: str) -> None:
        is_silent = audioop.rms(self._format.decode(payload), SAMPLE_WIDTH) < AUDIBLE_RMS
        self._silent = self._silent + 1 if is_silent else 0
        if self._is_starting_over or self._silent < QUIET or self._since_words < QUIET:
            return
        self._say_instead(trip)

    def _say_instead(self, trip: Trip) -> None:
        self._stopped = None
        if self._tries > MOST_TRIES:
            return
        instead = trip.line(self._tries)
        asked = line(instead) if instead else "Answer the caller again, and leave that out."
        self._tell("commentary", f"{asked} Then call {trip.then}." if trip.then else asked)
