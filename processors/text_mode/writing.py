"""What the agent writes: on its way to the caller's page, to the events and into the history."""

from collections.abc import Awaitable, Callable

from pipecat.frames.frames import (
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
)

from processors.events import AgentTranscript, Emit
from processors.realtime.history import History
from processors.realtime.items import new_item_id


class Writing:
    """One message of the agent's, as it comes."""

    def __init__(
        self,
        agent: str,
        history: History,
        emit: Emit,
        push: Callable[[Frame], Awaitable[None]],
    ) -> None:
        self.text = ""
        self._item_id = new_item_id()
        self._agent = agent
        self._history = history
        self._emit = emit
        self._push = push

    async def add(self, words: str) -> None:
        """More words."""
        if not self.text:
            await self._push(LLMFullResponseStartFrame())
        self.text += words
        await self._push(LLMTextFrame(words))
        self._note(final=False, is_cut=False)

    async def end(self) -> None:
        """That was all."""
        if self.text:
            self._note(final=True, is_cut=False)
            await self._push(LLMFullResponseEndFrame())

    def cut(self) -> None:
        """Something else came up: the caller has read this much."""
        if self.text:
            self._note(final=True, is_cut=True)

    def _note(self, *, final: bool, is_cut: bool) -> None:
        self._history.agent_said(self._item_id, self.text, is_cut=is_cut)
        self._emit(
            AgentTranscript(
                item_id=self._item_id,
                agent=self._agent,
                text=self.text,
                final=final,
                interrupted=is_cut,
            )
        )
