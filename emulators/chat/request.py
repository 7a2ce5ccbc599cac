"""What a chat completion is asked for with, read strictly.

https://platform.openai.com/docs/api-reference/chat/create. A parameter that the API has and this
server does not carry out is refused like one that does not exist: it would be without effect.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from emulators.chat.errors import ApiError, stray_tool_message, unanswered_calls
from emulators.chat.structured_outputs import check_schema

MAX_TOOLS = 128
MAX_CALL_ID = 40


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TextPart(_Strict):
    """A part of a message's content."""

    type: Literal["text"]
    text: str


Content = str | list[TextPart]


class Instruction(_Strict):
    """What the model is told by whoever runs it."""

    role: Literal["system", "developer"]
    content: Content
    name: str | None = None


class UserMessage(_Strict):
    """What a person says."""

    role: Literal["user"]
    content: Content
    name: str | None = None


class CalledFunction(_Strict):
    """Which function with which arguments, in JSON as the model wrote it."""

    name: str
    arguments: str


class ToolCall(_Strict):
    """A call that the model made."""

    id: Annotated[str, Field(min_length=1, max_length=MAX_CALL_ID)]
    type: Literal["function"]
    function: CalledFunction


class AssistantMessage(_Strict):
    """What the model said and did."""

    role: Literal["assistant"]
    content: Content | None = None
    name: str | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _says_or_does_something(self) -> Self:
        if self.content is None and self.tool_calls is None:
            raise ValueError("content is required unless tool_calls is specified")
        return self


class ToolMessage(_Strict):
    """The output of a call."""

    role: Literal["tool"]
    content: Content
    tool_call_id: str


Message = Annotated[
    Instruction | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")
]


class Function(_Strict):
    """A function that may be called."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    strict: bool | None = None


class Tool(_Strict):
    """A tool that may be called."""

    type: Literal["function"]
    function: Function


class ChosenFunction(_Strict):
    """Names a function."""

    name: str


class NamedChoice(_Strict):
    """The one function that has to be called."""

    type: Literal["function"]
    function: ChosenFunction


class Text(_Strict):
    """The answer is prose."""

    type: Literal["text"]


class AnswerSchema(_Strict):
    """What the answer is held to."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: str = ""
    json_schema: dict[str, Any] = Field(alias="schema")
    strict: Literal[True]


class StructuredOutput(_Strict):
    """The answer is JSON of a schema."""

    type: Literal["json_schema"]
    json_schema: AnswerSchema


class StreamOptions(_Strict):
    """What a stream has besides the message."""

    include_usage: bool = False


class Request(_Strict):
    """The body of ``POST /v1/chat/completions``."""

    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    tools: Annotated[list[Tool], Field(min_length=1, max_length=MAX_TOOLS)] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedChoice | None = None
    response_format: Annotated[Text | StructuredOutput, Field(discriminator="type")] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None

    @property
    def answer_schema(self) -> dict[str, Any] | None:
        """What the answer is held to, if it is to anything."""
        if isinstance(self.response_format, StructuredOutput):
            return self.response_format.json_schema.json_schema
        return None


def read_request(body: Any) -> Request:
    """A request that makes sense. Raises `ApiError` as the service words it."""
    if not isinstance(body, dict):
        raise ApiError("We could not parse the JSON body of your request.")
    if "model" not in body:
        raise ApiError("you must provide a model parameter")
    try:
        request = Request.model_validate(body)
    except ValidationError as invalid:
        raise _refusal(invalid) from None
    if request.tool_choice is not None and request.tools is None:
        raise ApiError(
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
            "specified.",
            param="tool_choice",
        )
    if request.stream and request.answer_schema is not None:
        raise ApiError("This server streams prose only.", param="stream")
    if request.stream_options and not request.stream:
        raise ApiError(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if isinstance(request.response_format, StructuredOutput):
        wanted = request.response_format.json_schema
        check_schema(wanted.name, wanted.json_schema)
    _check_order(request.messages)
    return request


def _check_order(messages: list[Message]) -> None:
    """Outputs stand right behind the calls that they belong to, one for each."""
    open_calls: list[str] = []
    for index, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            if message.tool_call_id not in open_calls:
                raise stray_tool_message(index)
            open_calls.remove(message.tool_call_id)
            continue
        if open_calls:
            raise unanswered_calls(index, open_calls)
        if isinstance(message, AssistantMessage) and message.tool_calls:
            open_calls = [call.id for call in message.tool_calls]
    if open_calls:
        raise unanswered_calls(len(messages), open_calls)


def _refusal(invalid: ValidationError) -> ApiError:
    error = invalid.errors(include_url=False)[0]
    path = ".".join(f"[{step}]" if isinstance(step, int) else step for step in error["loc"])
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        return ApiError(f"Unrecognized request argument supplied: {path}")
    return ApiError(f"Invalid value for '{path}': {error['msg']}", param=path)
