"""Tools that act on the call itself."""

import orjson

from processors.tools import EndCall, Tool, ToolCall, ToolResult

END_CALL = "end_call"


def end_call_tool() -> Tool:
    """``end_call(reason)``: hangs up once the goodbye has been heard to its end."""
    return Tool(
        name=END_CALL,
        description=(
            "End the phone call. Use it when the caller says goodbye or wants nothing more. Say "
            "goodbye to the caller in the same breath; the line is closed after it was heard. "
            'Callers say for example: "goodbye"; "bye"; "that\'s all, thank you, goodbye"; '
            '"hang up".'
        ),
        parameters={
            "type": "object",
            "properties": {
                "reason": {
                    "type": "string",
                    "description": "Why the call ends, in a few words.",
                    "examples": ["the caller said goodbye"],
                }
            },
            "additionalProperties": False,
        },
        run=_end_call,
    )


async def _end_call(call: ToolCall) -> ToolResult:
    # The summary is what to say when nothing was said together with the call.
    output = {
        "status": "the call ends after your goodbye",
        "summary": "Thank you for calling. Goodbye!",
    }
    return EndCall(orjson.dumps(output).decode(), reason=str(call.arguments.get("reason", "")))
