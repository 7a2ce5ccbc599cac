"""The tool by which an agent takes down what a call is to find out."""

from collections.abc import Mapping
from typing import Any

import orjson

from processors.events.event import Emit
from processors.events.outcome import DataExtracted
from processors.tools import Tool, ToolCall, ToolResult

RECORD_ANSWERS = "record_answers"


def record_answers_tool(answers: Mapping[str, Any], emit: Emit) -> Tool:
    """``record_answers(…)``: reports what it is given as `DataExtracted`.

    Nothing is required, so that no model makes up what it was not told; a call may come for each
    answer, and a later one corrects an earlier one.

    Args:
        answers: JSON Schema of type ``object`` with the answers as its properties.
        emit: Takes the call's events.
    """

    async def record(call: ToolCall) -> ToolResult:
        given = {name: value for name, value in call.arguments.items() if value is not None}
        if not given:
            output = {"error": "no answer was given", "expected": sorted(answers["properties"])}
            return ToolResult(orjson.dumps(output).decode(), is_error=True)
        emit(DataExtracted(agent=call.agent, data=given))
        output = {"recorded": sorted(given), "summary": "Thank you, I have noted that."}
        return ToolResult(orjson.dumps(output).decode())

    return Tool(
        name=RECORD_ANSWERS,
        description=(
            "Take the answers of the person on the line down. Ask for each answer that is missing, "
            "one at a time, and call this as soon as there is one; leave out what was not "
            "answered. Call it again to correct an answer."
        ),
        parameters={**answers, "required": [], "additionalProperties": False},
        run=record,
        idempotent=True,
    )
