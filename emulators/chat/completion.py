"""A chat completion, whole or in the chunks of a stream."""

import re
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from loguru import logger

from emulators.chat.errors import server_error
from emulators.chat.prompts import prompt_of
from emulators.chat.request import Request
from emulators.realtime.ids import new_id
from emulators.realtime.mind import Mind, Say

_WORDS = re.compile(r"\S+\s*|\s+")
_CHARACTERS_PER_TOKEN = 4


class Completion:
    """One answer of a mind."""

    def __init__(self, request: Request, mind: Mind) -> None:
        self._request = request
        self._mind = mind
        self._head = {
            "id": new_id("chatcmpl").replace("_", "-", 1),
            "created": int(time.time()),
            "model": request.model,
            "service_tier": "default",
            "system_fingerprint": None,
        }
        self._text: list[str] = []
        self._calls: list[dict[str, Any]] = []

    async def whole(self) -> dict[str, Any]:
        """The answer in one piece."""
        async for _ in self._deltas():
            pass
        self._check_answer()
        message: dict[str, Any] = {
            "role": "assistant",
            "content": "".join(self._text) or None,
            "refusal": None,
            "annotations": [],
        }
        if self._calls:
            message["tool_calls"] = self._calls
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": self._finish_reason,
        }
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [choice],
            "usage": self._usage,
        }

    def _check_answer(self) -> None:
        """The service holds its model to the schema; a script has to keep to it by itself."""
        schema = self._request.answer_schema
        if schema is None or self._calls:
            return
        try:
            answer = orjson.loads("".join(self._text))
            Draft202012Validator(schema).validate(answer)
        except (orjson.JSONDecodeError, ValidationError) as error:
            logger.error("the mind's answer is not of the schema that was asked for: {}", error)
            raise server_error() from None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The answer as server-sent events, up to ``[DONE]``."""
        with_usage = bool(
            self._request.stream_options and self._request.stream_options.include_usage
        )
        yield self._chunk({"role": "assistant", "content": "", "refusal": None}, None, with_usage)
        async for delta in self._deltas():
            yield self._chunk(delta, None, with_usage)
        yield self._chunk({}, self._finish_reason, with_usage)
        if with_usage:
            last = {**self._head, "object": "chat.completion.chunk", "choices": []}
            yield _event({**last, "usage": self._usage})
        yield b"data: [DONE]\n\n"

    async def _deltas(self) -> AsyncIterator[dict[str, Any]]:
        async for output in self._mind.respond(prompt_of(self._request)):
            if isinstance(output, Say):
                # Sentences come one by one, and were one text.
                text = f" {output.text}" if self._text else output.text
                for words in _WORDS.findall(text):
                    self._text.append(words)
                    yield {"content": words}
                continue
            function = {"name": output.name, "arguments": orjson.dumps(output.arguments).decode()}
            call = {"id": new_id("call"), "type": "function", "function": function}
            index = len(self._calls)
            self._calls.append(call)
            begun = {**call, "index": index, "function": {**function, "arguments": ""}}
            yield {"tool_calls": [begun]}
            yield {
                "tool_calls": [{"index": index, "function": {"arguments": function["arguments"]}}]
            }

    def _chunk(self, delta: dict[str, Any], finish: str | None, with_usage: bool) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {**self._head, "object": "chat.completion.chunk", "choices": [choice]}
        return _event({**chunk, "usage": None} if with_usage else chunk)

    @property
    def _finish_reason(self) -> str:
        return "tool_calls" if self._calls else "stop"

    @property
    def _usage(self) -> dict[str, Any]:
        sent = _tokens(self._request.model_dump_json(exclude_none=True))
        written = _tokens("".join(self._text) + orjson.dumps(self._calls).decode())
        return {
            "prompt_tokens": sent,
            "completion_tokens": written,
            "total_tokens": sent + written,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"
