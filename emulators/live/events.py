"""What clients may send, checked as strictly as the service does: unknown fields are refused.

Shapes and limits: https://developers.openai.com/api/reference/resources/live/primary-websocket
(``openai.types.live`` states the same).
"""

from typing import Annotated, Any, Literal, get_args

import orjson
from openai.types.live import BuiltInVoice
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from emulators.live.errors import LiveError

MAX_HISTORY = 128
MAX_HISTORY_TOKENS = 8192
MAX_INSTRUCTION_TOKENS = 16_384
MAX_APPEND_TOKENS = 500

VOICES = frozenset(get_args(BuiltInVoice))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Format(_Strict):
    type: Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
    rate: Literal[8000, 24_000]

    @model_validator(mode="after")
    def _fits(self) -> "_Format":
        if (self.type == "audio/pcm") != (self.rate == 24_000):
            raise ValueError(f"{self.type} is not served at {self.rate} Hz")
        return self


class _Output(_Strict):
    voice: str = "marin"

    @field_validator("voice")
    @classmethod
    def _known(cls, voice: str) -> str:
        if voice not in VOICES:
            raise ValueError(f"{voice!r} is none of {', '.join(sorted(VOICES))}")
        return voice


class _Audio(_Strict):
    output: _Output = _Output()
    format: _Format = _Format(type="audio/pcm", rate=24_000)


class _Part(_Strict):
    type: Literal["input_text", "output_text"]
    text: str


class _Message(_Strict):
    type: Literal["message"] = "message"
    role: Literal["developer", "user", "assistant"]
    content: list[_Part] = Field(min_length=1, max_length=1)

    @model_validator(mode="after")
    def _fits(self) -> "_Message":
        kind = "output_text" if self.role == "assistant" else "input_text"
        if self.content[0].type != kind:
            raise ValueError(f"a message of role {self.role} has content of type {kind}")
        return self


class _Function(_Strict):
    type: Literal["function"]
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str = ""
    parameters: dict[str, Any] = {}
    strict: bool | None = None


class _Responses(_Strict):
    model: str = Field(min_length=1)
    instructions: str = ""
    tools: list[_Function] = []
    tool_choice: Literal["auto", "none", "required"] = "auto"
    parallel_tool_calls: bool = True
    max_output_tokens: int | None = None
    reasoning: dict[str, Any] | None = None


class _ClientDelegation(_Strict):
    type: Literal["client"] = "client"


class _ResponsesDelegation(_Strict):
    type: Literal["responses"]
    responses: _Responses


class Session(_Strict):
    """The ``session`` object of ``session.start``."""

    model: str = Field(pattern="^gpt-live-")
    instructions: str = ""
    audio: _Audio = _Audio()
    delegation: Annotated[_ClientDelegation | _ResponsesDelegation, Field(discriminator="type")] = (
        _ClientDelegation()
    )
    input: list[_Message] = Field(default=[], max_length=MAX_HISTORY)
    store: bool = False

    @model_validator(mode="after")
    def _has_room(self) -> "Session":
        if tokens(self.instructions) > MAX_INSTRUCTION_TOKENS:
            raise ValueError(f"instructions have more than {MAX_INSTRUCTION_TOKENS} tokens")
        if sum(tokens(each.content[0].text) for each in self.input) > MAX_HISTORY_TOKENS:
            raise ValueError(f"input has more than {MAX_HISTORY_TOKENS} tokens")
        return self

    @property
    def backend(self) -> _Responses | None:
        """What delegated work is done by; None when the client does it."""
        delegation = self.delegation
        return delegation.responses if isinstance(delegation, _ResponsesDelegation) else None


class _Event(_Strict):
    event_id: str | None = None


class Start(_Event):
    """The first event, once."""

    type: Literal["session.start"]
    session: Session


class AppendAudio(_Event):
    """Audio in the session's format."""

    type: Literal["session.input_audio.append"]
    audio: str


class AppendContext(_Event):
    """Words for the model: to follow, to think of, or to tell; ``delegation_id`` is required."""

    type: Literal[
        "session.instructions.append", "session.thinking.append", "session.commentary.append"
    ]
    delegation_id: str | None
    content: str = Field(min_length=1)


class _OutputItem(_Strict):
    type: Literal["function_call_output"]
    call_id: str
    output: str


class CreateItem(_Event):
    """The output of a function call."""

    type: Literal["response.item.create"]
    item: _OutputItem


class CreateResponse(_Event):
    """The backend goes on, now that it has all outputs."""

    type: Literal["response.create"]


class Close(_Event):
    """Ends the session."""

    type: Literal["session.close"]


ClientEvent = Start | AppendAudio | AppendContext | CreateItem | CreateResponse | Close

_events: TypeAdapter[ClientEvent] = TypeAdapter(Annotated[ClientEvent, Field(discriminator="type")])

KNOWN = (
    "session.start",
    "session.input_audio.append",
    "session.instructions.append",
    "session.thinking.append",
    "session.commentary.append",
    "response.item.create",
    "response.create",
    "session.close",
)


def read(data: str | bytes) -> dict[str, Any]:
    """The JSON object of a text message. Raises `LiveError`."""
    try:
        given = orjson.loads(data)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(data, str) or not isinstance(given, dict):
        raise LiveError("The message is no JSON object.", code="invalid_json")
    return given


def parse(given: Any) -> ClientEvent:
    """The event that a JSON object is. Raises `LiveError` that names the field."""
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in KNOWN:
        raise LiveError(
            f"Unknown event type {kind!r}. Supported are: {', '.join(KNOWN)}.",
            code="unknown_event_type",
            param="type",
        )
    try:
        return _events.validate_python(given)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        # The first step is the discriminator's value, no part of the path.
        param = ".".join(str(step) for step in first["loc"][1:])
        code = "unknown_parameter" if first["type"] == "extra_forbidden" else "invalid_value"
        raise LiveError(f"{first['msg']}: '{param}'.", code=code, param=param) from None


def start_of(given: dict[str, Any]) -> Session:
    """What the first event of a client starts. Raises `LiveError`."""
    event = parse(given)
    if not isinstance(event, Start):
        raise LiveError("The first event must be session.start.", code="session_not_started")
    return event.session


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return (sum(1 if char.isascii() else 4 for char in text) + 3) // 4
