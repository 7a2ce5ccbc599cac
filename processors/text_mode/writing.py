"""What the agent writes: on its way to the caller's page, to the events and into the history."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from pipecat.frames.frames import (
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
)

from agents.team import Guardrail
from processors.events.conversation import AgentTranscript
from processors.events.event import Emit
from processors.guardrails import GuardedWords, Trip, flagged
from processors.moderation import Moderation, Sentences
from processors.realtime.history import History
from processors.realtime.items import new_item_id


class StoppedError(Exception):
    """The agent was writing what it must not say; nothing of that was shown."""

    def __init__(self, trip: Trip) -> None:
        super().__init__(trip.words)
        self.trip = trip


class Writing:
    """One message of the agent's, as it comes; what may be forbidden waits until that is known.

    With a ``moderation`` each sentence waits for its verdict: who reads loses less by that than by
    what can't be taken back. While nobody gives verdicts nothing waits for them.
    """

    def __init__(
        self,
        agent: str,
        history: History,
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
        guardrails: Sequence[Guardrail] = (),
        moderation: Moderation | None = None,
    ) -> None:
        self.text = ""
        self.item_id = new_item_id()
        self._guarded = GuardedWords(guardrails)
        self._held = ""
        self._moderation = moderation
        self._sentences = Sentences()
        self._agent = agent
        self._history = history
        self._emit = emit
        self._push = push

    async def add(self, words: str) -> None:
        """More words. Raises `StoppedError`."""
        self._held += words
        if trip := self._guarded.add(words):
            raise StoppedError(trip)
        await self._judge(self._sentences.add(words))
        if not self._guarded.is_open:
            await self._show(unjudged=self._unjudged)

    @property
    def _unjudged(self) -> int:
        """How many of the latest characters wait for a verdict."""
        is_judged = self._moderation is not None and not self._moderation.is_down
        return len(self._sentences.rest) if is_judged else 0

    async def _judge(self, sentences: Iterable[str]) -> None:
        """Asks about sentences that are complete. Raises `StoppedError`."""
        if moderation := self._moderation:
            for sentence in sentences:
                if categories := await moderation.flags(sentence):
                    raise StoppedError(flagged(sentence, categories))

    async def _show(self, *, unjudged: int = 0) -> None:
        end = max(0, len(self._held) - unjudged)
        words, self._held = self._held[:end], self._held[end:]
        if not words:
            return
        if not self.text:
            await self._push(LLMFullResponseStartFrame())
        self.text += words
        await self._push(LLMTextFrame(words))
        self._note(final=False, is_cut=False)

    async def end(self) -> None:
        """That was all. Raises `StoppedError`."""
        if trip := self._guarded.end():
            raise StoppedError(trip)
        await self._judge(self._sentences.end())
        await self._show()
        if self.text:
            self._note(final=True, is_cut=False)
            await self._push(LLMFullResponseEndFrame())

    def cut(self) -> None:
        """Something else came up: the caller has read this much."""
        if self.text:
            self._note(final=True, is_cut=True)

    def _note(self, *, final: bool, is_cut: bool) -> None:
        self._history.agent_said(self.item_id, self.text, is_cut=is_cut)
        self._emit(
            AgentTranscript(
                item_id=self.item_id,
                agent=self._agent,
                text=self.text,
                final=final,
                interrupted=is_cut,
            )
        )
