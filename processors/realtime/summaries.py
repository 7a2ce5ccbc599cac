"""Summarises the older turns of a long call, before another session has to be told of them."""

import asyncio

from loguru import logger

from processors.events.event import Emit
from processors.realtime.background import Background
from processors.realtime.floor import Floor
from processors.realtime.history import History
from processors.realtime.items import to_input
from processors.realtime.server_events import CallerText, ResponseDone, ServerEvent
from processors.realtime.session import SessionError
from processors.realtime.sessions import Sessions
from processors.realtime.usage import usage_of

PAUSE_FILL = 0.75
"""From this share of the budget on a summary is made in the next pause …"""

ANY_FILL = 0.9
"""… and from this on at any time: the response is outside the conversation, nobody hears of it."""

KEEP_FILL = 0.4
"""Share of the budget that the newest turns take, which are not summarised."""

SUMMARY_SHARE, MAX_SUMMARY_TOKENS = 0.25, 1000
"""A summary's length, by the budget and at most."""

TIMEOUT_S = 20.0
RETRY_S = 30.0
"""After a summary that could not be made; it doubles with each that fails in a row."""
MAX_RETRY_S = 480.0

REQUEST = (
    "You are not on the phone now. Write a summary of the conversation for a colleague who goes on "
    "with it and knows nothing of it. It may begin with the summary of what was before: keep what "
    "that one says. Keep every fact that may matter: names, numbers, dates, spellings, references, "
    "wishes, what was done and with what result, what was promised and is still open. Leave out "
    "pleasantries. Write plain sentences in the language of the conversation, no more than "
    "{words} words, and nothing but the summary."
)
HEADING = "Summary of the conversation up to here:"
WORDS_PER_TOKEN = 0.6
"""So that the summary ends by itself before its tokens do."""


class Summaries:
    """Keeps a call's history within its budget, beside the conversation.

    Each summary extends the one before it, so that no turn is read more than once for it. One that
    can't be made costs the call nothing: a replay leaves out then what has no room.
    """

    def __init__(
        self,
        sessions: Sessions,
        floor: Floor,
        history: History,
        emit: Emit,
        background: Background,
        *,
        budget: int,
    ) -> None:
        self._sessions = sessions
        self._floor = floor
        self._history = history
        self._emit = emit
        self._background = background
        self._max_tokens = min(int(budget * SUMMARY_SHARE), MAX_SUMMARY_TOKENS)
        self._failures = 0
        self._making: asyncio.Task[None] | None = None

    def note(self, event: ServerEvent) -> None:
        """Something happened in the session that the call is in."""
        is_longer = isinstance(event, ResponseDone | CallerText)
        if is_longer and self._making is None and self._history.fill >= PAUSE_FILL:
            self._making = self._background.start(self._make(), "realtime-summary")

    async def _make(self) -> None:
        try:
            await self._floor.until(lambda: self._floor.is_free or self._history.fill >= ANY_FILL)
            await self._summarise()
            self._failures = 0
        except (SessionError, TimeoutError) as error:
            logger.warning("the conversation could not be summarised: {!r}", error)
            await asyncio.sleep(min(RETRY_S * 2**self._failures, MAX_RETRY_S))
            self._failures += 1
        finally:
            self._making = None

    async def _summarise(self) -> None:
        items = self._history.oldest(KEEP_FILL)
        if not items:
            return
        before = self._history.summary
        told = [*([before] if before else []), *items]
        session = self._sessions.working
        async with asyncio.timeout(TIMEOUT_S):
            response = await session.ask_aside(
                {
                    "instructions": REQUEST.format(words=int(self._max_tokens * WORDS_PER_TOKEN)),
                    "output_modalities": ["text"],
                    "tools": [],
                    "tool_choice": "none",
                    "max_output_tokens": self._max_tokens,
                    "input": [to_input(item) for item in told],
                }
            )
        if usage := usage_of(response, session.endpoint.model):
            self._emit(usage)
        text = response.text.strip()
        if not text:
            reason = response.error.message if response.error else f"it is {response.status}"
            raise SessionError(f"the model wrote no summary: {reason}")
        self._history.summarised(f"{HEADING}\n{text}", items)
        logger.info("summarised {} items of the conversation", len(items))
