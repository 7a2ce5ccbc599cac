"""Asks a moderation model about what an agent says: OpenAI's, or any server's with the same API.

The API: https://platform.openai.com/docs/api-reference/moderations
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import openai
from loguru import logger
from openai import AsyncOpenAI

TIMEOUT_S = 3.0
"""By then most of a sentence was heard: an answer is of little use after that."""

_SENTENCE_END = re.compile(r"[.!?…]+[\"')\]]*\s+")


@dataclass(frozen=True, slots=True)
class ModerationEndpoint:
    """Where moderations are: the API's base, such as ``https://api.openai.com/v1``."""

    url: str
    api_key: str = field(repr=False)
    model: str


class Moderation:
    """One for all calls of the process. It never raises, and nobody waits for it."""

    def __init__(self, endpoint: ModerationEndpoint) -> None:
        self._endpoint = endpoint
        self._is_down = False
        self._client = AsyncOpenAI(
            base_url=endpoint.url,
            api_key=endpoint.api_key or "none",
            max_retries=0,
            timeout=TIMEOUT_S,
        )

    @property
    def is_down(self) -> bool:
        """Whether nobody answered the last time."""
        return self._is_down

    async def flags(self, text: str) -> list[str]:
        """The categories that ``text`` falls under; none when it is harmless, or nobody answers."""
        try:
            answer = await self._client.moderations.create(input=text, model=self._endpoint.model)
            categories = [result.categories.to_dict() for result in answer.results]
        except (openai.OpenAIError, AttributeError, TypeError, ValueError) as error:
            self._tell(f"{type(error).__name__}: {error}")
            return []
        self._tell("")
        return sorted({name for each in categories for name, is_met in each.items() if is_met})

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    def _tell(self, problem: str) -> None:
        if problem and not self._is_down:
            logger.warning("What agents say is not moderated: {}", problem)
        elif self._is_down and not problem:
            logger.info("What agents say is moderated again")
        self._is_down = bool(problem)


class Sentences:
    """Cuts words that come piece by piece into sentences."""

    def __init__(self) -> None:
        self._rest = ""

    @property
    def rest(self) -> str:
        """The words since the last sentence's end."""
        return self._rest

    def add(self, words: str) -> Iterator[str]:
        """More words; the sentences that they complete."""
        self._rest += words
        while end := _SENTENCE_END.search(self._rest):
            sentence, self._rest = self._rest[: end.end()].strip(), self._rest[end.end() :]
            yield sentence

    def end(self) -> Iterator[str]:
        """There are no more words; the last sentence, if there is one."""
        rest, self._rest = self._rest.strip(), ""
        if rest:
            yield rest
