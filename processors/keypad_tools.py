"""Tools for keys: have the caller type a number, press keys towards a machine."""

from typing import Protocol

import orjson

from processors.dtmf import KEYS, SENDABLE
from processors.realtime.keypad import MOST_KEYS, Status
from processors.tone_player import TonesCutError
from processors.tools import Tool, ToolCall, ToolResult

COLLECT_DIGITS = "collect_digits"
SEND_DIGITS = "send_digits"

DEFAULT_TIMEOUT_S = 10
LONGEST_TIMEOUT_S = 60
LONGEST_S = 180.0
"""A caller may take the time-out for each key, but not for ever."""


class Keys(Protocol):
    """What the tools need of a call: every `processors.voice_model.VoiceModel` has it."""

    async def collect_digits(
        self, *, count: int | None, terminator: str, timeout_s: float, sensitive: bool
    ) -> tuple[Status, str]:
        """Waits for keys of the caller's."""
        ...

    async def send_digits(self, digits: str) -> None:
        """Plays the tones of keys."""
        ...


def keypad_tools(keys: Keys) -> list[Tool]:
    """``collect_digits`` and ``send_digits``, for calls with a telephone at the other end."""
    return [_collect_tool(keys), _send_tool(keys)]


def _collect_tool(keys: Keys) -> Tool:
    async def run(call: ToolCall) -> ToolResult:
        wanted = call.arguments
        try:
            status, digits = await keys.collect_digits(
                count=wanted.get("count"),
                terminator=wanted.get("terminator", "#"),
                timeout_s=float(wanted.get("timeout_s", DEFAULT_TIMEOUT_S)),
                sensitive=bool(wanted.get("sensitive", False)),
            )
        except RuntimeError as error:
            return ToolResult(str(error), is_error=True)
        return ToolResult(orjson.dumps({"status": status, "digits": digits}).decode())

    return Tool(
        name=COLLECT_DIGITS,
        description=(
            "Wait for the caller to type digits on the telephone's keypad. Tell them in the same "
            "breath what to type and how to finish. The status is complete, timeout, or "
            "caller_spoke when they answered in words instead. With sensitive you get a reference "
            "such as {{digits_1}} instead of the digits: hand it to a tool as it is, never say it."
        ),
        parameters={
            "type": "object",
            "properties": {
                "count": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MOST_KEYS,
                    "description": "How many digits complete it; leave it out if you don't know.",
                },
                "terminator": {
                    "type": "string",
                    "enum": ["#", "*", ""],
                    "description": "The key that completes it, # by default; empty for none.",
                },
                "timeout_s": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LONGEST_TIMEOUT_S,
                    "description": "Seconds to wait for the next digit, 10 by default.",
                },
                "sensitive": {
                    "type": "boolean",
                    "description": "True for card numbers, codes and whatever else nobody may see.",
                },
            },
            "additionalProperties": False,
        },
        run=run,
        timeout_s=LONGEST_S,
    )


def _send_tool(keys: Keys) -> Tool:
    async def run(call: ToolCall) -> ToolResult:
        digits = str(call.arguments["digits"])
        if not SENDABLE.fullmatch(digits):
            return ToolResult(f"digits may be {KEYS} and w for a pause", is_error=True)
        try:
            await keys.send_digits(digits)
        except TonesCutError as error:
            return ToolResult(str(error), is_error=True)
        return ToolResult('{"status": "sent"}')

    return Tool(
        name=SEND_DIGITS,
        description=(
            "Press keys of the telephone towards the other side, when a machine asks for a choice "
            "or a number. Never use it with a person."
        ),
        parameters={
            "type": "object",
            "properties": {
                "digits": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 64,
                    "description": "0-9, *, #; w waits for half a second.",
                }
            },
            "required": ["digits"],
            "additionalProperties": False,
        },
        run=run,
        timeout_s=60.0,
    )
