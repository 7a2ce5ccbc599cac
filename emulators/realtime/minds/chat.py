"""A mind behind any OpenAI-compatible chat endpoint: OpenAI itself, Ollama, vLLM and others."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from emulators.realtime.mind import Call, Prompt, Say

_SENTENCE = re.compile(r".*?[.!?…:](?=\s)\s+|.*?\n+", re.DOTALL)
_SPOKEN = (
    "You are on the phone: what you write is spoken. Use plain sentences, no lists, no markup."
)


class ArgumentsError(ValueError):
    """The endpoint called a function with arguments that are not a JSON object."""


@dataclass(slots=True)
class _CallInProgress:
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class ChatMind:
    """Asks a chat model for each response; sentences are spoken as they come in."""

    def __init__(
        self, model: str, *, base_url: str | None = None, api_key: str | None = None
    ) -> None:
        """Makes a mind.

        Args:
            model: A model of the endpoint's.
            base_url: Such as ``http://localhost:11434/v1``; by default ``OPENAI_BASE_URL`` or
                OpenAI.
            api_key: By default ``OPENAI_API_KEY``; endpoints without keys take any.
        """
        self._model = model
        # A local endpoint needs no key, but the client insists on one.
        key = api_key or ("none" if base_url else None)
        self._client = AsyncOpenAI(base_url=base_url, api_key=key)

    async def respond(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        """The model's sentences and function calls; raises :class:`ArgumentsError`."""
        request: dict[str, Any] = {
            "model": self._model,
            "messages": _messages(prompt),
            "stream": True,
        }
        tools = [_tool(tool) for tool in prompt.tools if tool["type"] == "function"]
        if tools:
            request["tools"] = tools
            request["tool_choice"] = _tool_choice(prompt.tool_choice)
        text = ""
        calls: dict[int, _CallInProgress] = {}
        async with await self._client.chat.completions.create(**request) as stream:
            async for chunk in stream:
                text += _take_in(cast(ChatCompletionChunk, chunk), calls)
                while sentence := _SENTENCE.match(text):
                    yield Say(sentence[0])
                    text = text[sentence.end() :]
        if text.strip():
            yield Say(text)
        for _, call in sorted(calls.items()):
            yield Call(call.name, _arguments(call))

    async def close(self) -> None:
        """Closes the connections to the endpoint."""
        await self._client.close()


def _take_in(chunk: ChatCompletionChunk, calls: dict[int, _CallInProgress]) -> str:
    """Adds a chunk's function-call parts to ``calls``; returns its text."""
    if not chunk.choices:
        return ""
    delta = chunk.choices[0].delta
    for part in delta.tool_calls or ():
        call = calls.setdefault(part.index, _CallInProgress())
        if part.function is not None:
            call.name += part.function.name or ""
            call.arguments.append(part.function.arguments or "")
    return delta.content or ""


def _arguments(call: _CallInProgress) -> dict[str, Any]:
    try:
        arguments = orjson.loads("".join(call.arguments) or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise ArgumentsError(f"{call.name} was called with {''.join(call.arguments)!r}")
    return arguments


def _messages(prompt: Prompt) -> list[ChatCompletionMessageParam]:
    """Realtime items as chat messages. Calls of one turn become one assistant message."""
    system = prompt.instructions
    if not prompt.out_of_band:
        system += f"\n\n{_SPOKEN}"
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}]
    for item in prompt.items:
        match item["type"]:
            case "message":
                messages.append({"role": item["role"], "content": _content(item)})
            case "function_call":
                call = {
                    "id": item["call_id"],
                    "type": "function",
                    "function": {"name": item["name"], "arguments": item["arguments"]},
                }
                if messages[-1]["role"] == "assistant":
                    messages[-1].setdefault("tool_calls", []).append(call)
                else:
                    messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
            case "function_call_output":
                messages.append(
                    {"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]}
                )
    return cast(list[ChatCompletionMessageParam], messages)


def _content(item: Mapping[str, Any]) -> str | list[dict[str, Any]]:
    parts: Sequence[Mapping[str, Any]] = item["content"]
    text = " ".join(part.get("text") or part.get("transcript") or "" for part in parts).strip()
    images = [part["image_url"] for part in parts if part.get("image_url")]
    if not images:
        return text
    shown = [{"type": "image_url", "image_url": {"url": url}} for url in images]
    return [*([{"type": "text", "text": text}] if text else []), *shown]


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    function = {
        "name": tool["name"],
        "description": tool.get("description") or "",
        "parameters": tool.get("parameters") or {"type": "object", "properties": {}},
    }
    return {"type": "function", "function": function}


def _tool_choice(choice: str | Mapping[str, Any]) -> Any:
    if isinstance(choice, str):
        return choice
    return {"type": "function", "function": {"name": choice.get("name")}}
