"""A chat as a mind sees it: the items of a Realtime conversation."""

from typing import Any

from emulators.chat.request import (
    AssistantMessage,
    Content,
    Instruction,
    NamedChoice,
    Request,
    ToolMessage,
    UserMessage,
)
from emulators.realtime.mind import Prompt


def prompt_of(request: Request) -> Prompt:
    """What a mind is asked.

    Instructions at the beginning are the session's. Those at the end, behind everything that was
    said, are for this answer, as a response's own are in the Realtime API; where nothing was said
    yet, that is all but the first.
    """
    told = [isinstance(message, Instruction) for message in request.messages]
    nobody_spoke = False not in told
    leading = 1 if nobody_spoke else told.index(False)
    trailing = 1 if nobody_spoke else len(told) - told[::-1].index(False)
    session = _joined(request, 0, leading)
    extra = _joined(request, trailing, len(told))
    return Prompt(
        instructions=f"{session}\n\n{extra}" if extra else session,
        session_instructions=session,
        tools=[{"type": "function", **tool.function.model_dump()} for tool in request.tools or ()],
        tool_choice=_choice(request),
        items=_items(request, leading),
        metadata={},
        answer_schema=request.answer_schema,
    )


def _joined(request: Request, start: int, end: int) -> str:
    told = request.messages[start:end]
    return "\n\n".join(_text(m.content) for m in told if isinstance(m, Instruction))


def _choice(request: Request) -> Any:
    choice = request.tool_choice
    if isinstance(choice, NamedChoice):
        return {"type": "function", "name": choice.function.name}
    return choice or "auto"


def _items(request: Request, start: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for index, message in enumerate(request.messages[start:]):
        match message:
            case Instruction(content=content):
                items.append(_message(index, "system", "input_text", content))
            case UserMessage(content=content):
                items.append(_message(index, "user", "input_text", content))
            case AssistantMessage(content=content, tool_calls=calls):
                if content:
                    items.append(_message(index, "assistant", "output_text", content))
                items += [
                    {
                        "id": f"item_{index}_{call.id}",
                        "type": "function_call",
                        "call_id": call.id,
                        "name": call.function.name,
                        "arguments": call.function.arguments,
                        "status": "completed",
                    }
                    for call in calls or ()
                ]
            case ToolMessage(content=content, tool_call_id=call_id):
                items.append(
                    {
                        "id": f"item_{index}",
                        "type": "function_call_output",
                        "call_id": call_id,
                        "output": _text(content),
                    }
                )
    return items


def _message(index: int, role: str, kind: str, content: Content) -> dict[str, Any]:
    return {
        "id": f"item_{index}",
        "type": "message",
        "role": role,
        "status": "completed",
        "content": [{"type": kind, "text": _text(content)}],
    }


def _text(content: Content) -> str:
    return content if isinstance(content, str) else "".join(part.text for part in content)
