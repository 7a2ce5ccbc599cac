"""What a tool answered, as the text that goes back to the model."""

import json
import re
from typing import Any

from mcp_types import (
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from processors.tools import ToolResult

MAX_OUTPUT_CHARS = 12_000
"""About 3,000 tokens: what a model can hear of one tool before the conversation suffers."""

_SDK_PREFIX = re.compile(r"^Error executing tool [^:]{1,200}: ")


def error(text: str) -> ToolResult:
    """A failure that the model can speak about."""
    return ToolResult(_json({"error": text}), is_error=True)


def tool_result(result: CallToolResult) -> ToolResult:
    """The result of a call: structured content where there is any, else the text.

    A tool's error becomes ``{"error": text}``. What is too long loses the ends of its lists, so
    that it stays valid JSON, and says so.
    """
    text = "\n".join(filter(None, map(_text, result.content)))
    if result.is_error:
        said = _SDK_PREFIX.sub("", text).strip() or "The tool failed without saying why."
        return error(_cut(said, MAX_OUTPUT_CHARS // 2))
    if result.structured_content is None:
        return ToolResult(_cut(text, MAX_OUTPUT_CHARS))
    return ToolResult(_bounded(result.structured_content))


def _text(block: ContentBlock) -> str:
    if isinstance(block, TextContent):
        return block.text
    if isinstance(block, EmbeddedResource) and isinstance(block.resource, TextResourceContents):
        return block.resource.text
    if isinstance(block, ResourceLink):
        return f"[{block.name}: {block.uri}]"
    return f"[{block.type} that can't be read out]"


def _bounded(value: Any) -> str:
    text = _json(value)
    if len(text) <= MAX_OUTPUT_CHARS:
        return text
    parsed = json.loads(text)
    shortened = parsed if isinstance(parsed, dict) else {"result": parsed}
    shortened["cut"] = f"shortened from {len(text)} characters"
    while len(text) > MAX_OUTPUT_CHARS and (longest := _longest_list(shortened)) is not None:
        del longest[(len(longest) + 1) // 2 :]
        text = _json(shortened)
    return text if len(text) <= MAX_OUTPUT_CHARS else _cut(text, MAX_OUTPUT_CHARS)


def _longest_list(value: Any) -> list[Any] | None:
    """The list of two or more entries that takes the most text."""
    found: list[list[Any]] = []
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
            if len(part) > 1:
                found.append(part)
    return max(found, key=lambda part: len(_json(part)), default=None)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    note = f" … (cut: {len(text)} characters in all)"
    return text[: limit - len(note)] + note


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
