"""Tools that act on the call itself."""

from collections.abc import Awaitable, Callable

import orjson

from processors.tools import EndCall, Tool, ToolCall, ToolResult

END_CALL = "end_call"
TRANSFER_TO_HUMAN = "transfer_to_human"


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


def transfer_to_human_tool(
    transfer: Callable[[str, str], Awaitable[None]], given_up: Callable[[], None]
) -> Tool:
    """``transfer_to_human(reason, summary)``: connects the caller to a person.

    Args:
        transfer: Begins it, given both; called once the caller has heard what the agent said.
        given_up: Called instead when the caller goes on talking before that.
    """

    async def run(call: ToolCall) -> ToolResult:
        reason, summary = (str(call.arguments.get(name, "")) for name in ("reason", "summary"))
        output = {
            "status": "the caller is put through once they have heard you",
            "summary": "One moment please, I am putting you through to a colleague.",
        }
        return EndCall(
            orjson.dumps(output).decode(),
            reason=reason,
            instead=lambda: transfer(reason, summary),
            given_up=given_up,
        )

    return Tool(
        name=TRANSFER_TO_HUMAN,
        description=(
            "Put the caller through to a person. Use it when they ask for one, or when neither you "
            "nor a colleague can help. Say in the same breath that you put them through. If nobody "
            "takes the call you get the caller back, and are told. "
            'Callers say for example: "I want to talk to a person"; "can I speak to a human"; '
            '"put me through to somebody"; "let me talk to a real person".'
        ),
        parameters={
            "type": "object",
            "properties": {
                "reason": {
                    "type": "string",
                    "description": "Why the caller needs a person, in a few words.",
                },
                "summary": {
                    "type": "string",
                    "maxLength": 600,
                    "description": "What the person hears before they take the call: who calls, "
                    "what they want, what was done. Two or three spoken sentences.",
                },
            },
            "required": ["reason", "summary"],
            "additionalProperties": False,
        },
        run=run,
    )
