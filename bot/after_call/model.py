"""Asks a chat model for an answer that is held to a schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openai
import orjson
from openai import AsyncOpenAI

from processors.events.figures import Usage
from processors.text_mode.chat import ChatEndpoint

TIMEOUT_S = 60.0
MAX_TOKENS = 4000
HOPELESS = (
    openai.BadRequestError,
    openai.NotFoundError,
    openai.UnprocessableEntityError,
)
"""Refusals that the same request would only get again."""


class NoAnswerError(Exception):
    """There is no answer; the text says why.

    Attributes:
        is_final: Asking again would not help.
    """

    def __init__(self, why: str, *, is_final: bool) -> None:
        super().__init__(why)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Answer:
    """An object of the schema that was asked for, and what it cost."""

    fields: Mapping[str, Any]
    usage: Usage | None


class FormModel:
    """A chat model that fills in forms; one for all calls."""

    def __init__(self, endpoint: ChatEndpoint) -> None:
        self.name = endpoint.model
        self._client = AsyncOpenAI(
            base_url=endpoint.url,
            api_key=endpoint.api_key or "none",
            max_retries=0,  # Whoever asks retries, for longer and also after a restart.
            timeout=TIMEOUT_S,
        )

    async def fill(
        self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]
    ) -> Answer:
        """The filled-in form.

        Raises:
            NoAnswerError: The endpoint can't be reached or refuses, or the model does.
        """
        request: dict[str, Any] = {
            "model": self.name,
            "messages": list(messages),
            "max_completion_tokens": MAX_TOKENS,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "call", "strict": True, "schema": dict(schema)},
            },
        }
        try:
            completion = await self._client.chat.completions.create(**request)
        except openai.OpenAIError as error:
            raise NoAnswerError(str(error), is_final=isinstance(error, HOPELESS)) from error
        if not completion.choices:
            raise NoAnswerError("an answer without a choice", is_final=False)
        choice = completion.choices[0]
        if choice.message.refusal:
            raise NoAnswerError("the model declines to answer", is_final=True)
        try:
            fields = orjson.loads(choice.message.content or "")
        except orjson.JSONDecodeError:
            why = f"the answer is not the form (it ended by {choice.finish_reason})"
            raise NoAnswerError(why, is_final=choice.finish_reason != "stop") from None
        if not isinstance(fields, dict):
            raise NoAnswerError("the answer is not the form", is_final=False)
        return Answer(fields, _usage(completion))

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()


def _usage(completion: Any) -> Usage | None:
    usage = completion.usage
    if usage is None:
        return None
    details = usage.prompt_tokens_details
    return Usage(
        response_id=completion.id,
        model=completion.model,
        input_text_tokens=usage.prompt_tokens,
        cached_tokens=(details.cached_tokens if details else None) or 0,
        output_text_tokens=usage.completion_tokens,
    )
