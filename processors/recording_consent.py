"""The tool by which an agent passes on whether the caller may be recorded."""

from collections.abc import Awaitable, Callable

import orjson

from processors.tools import Tool, ToolCall, ToolResult

RECORD_CONSENT = "record_consent"


def record_consent_tool(
    answer: Callable[[bool], Awaitable[None]], *, question: str | None = None
) -> Tool:
    """``record_consent(granted)``: the caller agrees to the recording, or wants it to stop.

    Args:
        answer: Told whether the caller agrees.
        question: What callers are asked, where they are.
    """
    asked = f'when they answer "{question}", and ' if question else ""

    async def run(call: ToolCall) -> ToolResult:
        granted = call.arguments.get("granted")
        if not isinstance(granted, bool):
            return ToolResult('{"error": "granted must be true or false"}', is_error=True)
        await answer(granted)
        summary = "Thank you, I am recording." if granted else "All right, I do not record this."
        return ToolResult(orjson.dumps({"recording": granted, "summary": summary}).decode())

    return Tool(
        name=RECORD_CONSENT,
        description=(
            f"Note whether the caller agrees that this call is recorded. Use it {asked}"
            "whenever they ask you to stop recording or allow it after all. "
            'Callers say for example: "yes, you may record"; "no, please don\'t record this"; '
            '"stop recording".'
        ),
        parameters={
            "type": "object",
            "properties": {
                "granted": {
                    "type": "boolean",
                    "description": "True for a clear yes, false for a no or a request to stop.",
                }
            },
            "required": ["granted"],
            "additionalProperties": False,
        },
        run=run,
        idempotent=True,
    )
