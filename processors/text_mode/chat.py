"""A model that is asked for chat completions: OpenAI, the emulator, or any compatible server."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import openai
from openai import AsyncOpenAI
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk

from processors.events.figures import Usage
from processors.realtime.items import new_item_id
from processors.realtime.server_events import FunctionCall
from processors.tools import Tool

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 20.0
"""How long the model may take for its first words, and between two parts of its answer."""

RETRIES = 2
"""The client's own: after lost connections, 408, 409, 429 and 5xx, with growing pauses."""


class ChatError(Exception):
    """There is no answer to be had. The message says why."""


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where chat completions are.

    Attributes:
        name: What people read in events and logs.
        url: The API's base, such as ``https://api.openai.com/v1``.
        api_key: Sent as a bearer token; servers without keys take any.
        model: Such as ``gpt-5.4-mini``.
    """

    name: str
    url: str
    api_key: str = field(repr=False)
    model: str


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Chat:
    """Asks one endpoint, for one call."""

    def __init__(self, endpoint: ChatEndpoint) -> None:
        self.endpoint = endpoint
        self._client = AsyncOpenAI(
            base_url=endpoint.url,
            api_key=endpoint.api_key or "none",
            max_retries=RETRIES,
            timeout=openai.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        )

    async def answer(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Tool],
        *,
        may_call: bool = True,
        must_call: str | None = None,
    ) -> AsyncIterator[str | FunctionCall | Usage]:
        """The answer as it comes: pieces of text, then function calls, then what it cost.

        ``must_call`` names one of the tools, which the answer is to be a call of.

        Raises:
            ChatError: The endpoint can't be reached, refuses, or breaks off.
        """
        request: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": list(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if tools:
            request["tools"] = [_function(tool) for tool in tools]
            request["tool_choice"] = "auto" if may_call else "none"
        if must_call:
            request["tool_choice"] = {"type": "function", "function": {"name": must_call}}
        calls: dict[int, _Call] = {}
        finish: str | None = None
        try:
            async with await self._client.chat.completions.create(**request) as stream:
                async for each in stream:
                    chunk = cast(ChatCompletionChunk, each)
                    if chunk.usage:
                        yield _usage(chunk.id, chunk.model, chunk.usage)
                    if not chunk.choices:
                        continue
                    choice = chunk.choices[0]
                    finish = choice.finish_reason or finish
                    if choice.delta.content:
                        yield choice.delta.content
                    for part in choice.delta.tool_calls or ():
                        call = calls.setdefault(part.index, _Call())
                        call.id = part.id or call.id
                        if part.function:
                            call.name += part.function.name or ""
                            call.arguments.append(part.function.arguments or "")
        except (openai.OpenAIError, ValueError) as error:
            raise ChatError(f"{self.endpoint.name}: {error}") from error
        if finish is None:
            raise ChatError(f"{self.endpoint.name} broke its answer off")
        for _, call in sorted(calls.items()):
            yield FunctionCall(
                item_id=new_item_id(),
                call_id=call.id,
                name=call.name,
                arguments="".join(call.arguments),
                # Beyond the model's limit the arguments are cut off somewhere.
                is_complete=finish != "length",
            )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()


def _function(tool: Tool) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    }


def _usage(response_id: str, model: str, usage: CompletionUsage) -> Usage:
    details = usage.prompt_tokens_details
    return Usage(
        response_id=response_id,
        model=model,
        input_text_tokens=usage.prompt_tokens,
        cached_tokens=(details.cached_tokens if details else None) or 0,
        output_text_tokens=usage.completion_tokens,
    )
