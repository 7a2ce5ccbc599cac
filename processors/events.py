"""Every observable fact of a call, one type each.

Processors emit them through `Emit`; the bus in `bot.events` carries them to its subscribers.
Adding an event means adding a class here and a line in ``docs/events.md``.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Event(BaseModel):
    """What all events have.

    ``call_id`` and ``sequence`` (1, 2, 3 … within the call) are stamped by the call's `Emit`;
    an emitting processor leaves them out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    call_id: str = ""
    sequence: int = 0
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class CallStarted(Event):
    """The media of a call is connected and its pipeline runs."""

    type: Literal["call.started"] = "call.started"
    team: str
    channel: Literal["phone", "webrtc", "websocket", "mic"]
    direction: Literal["inbound", "outbound"] = "inbound"
    provider_call_id: str | None = None


class CallEnded(Event):
    """The call is over and its resources are freed. The last event of a call."""

    type: Literal["call.ended"] = "call.ended"
    reason: Literal["caller", "agent", "operator", "error", "shutdown"]
    duration_s: float


class SessionState(Event):
    """The connection to the model changed its state."""

    type: Literal["session.state"] = "session.state"
    state: Literal["connecting", "ready", "lost", "reconnecting", "failed", "closed"]
    detail: str = ""


class SessionRenewed(Event):
    """The session with the model was replaced before its end, without a break in the call.

    ``moment`` is what the call was at: a ``pause``, the ``caller_turn``, or anything (``forced``).
    """

    type: Literal["session.renewed"] = "session.renewed"
    endpoint: str
    age_s: float
    moment: Literal["pause", "caller_turn", "forced"]


class UserSpeech(Event):
    """The caller started or stopped speaking, as the model's endpointing sees it."""

    type: Literal["user.speech"] = "user.speech"
    speaking: bool


class UserTranscript(Event):
    """What the caller said (or typed). ``final`` replaces the partials of the same item."""

    type: Literal["user.transcript"] = "user.transcript"
    item_id: str
    text: str
    final: bool


class AgentTranscript(Event):
    """What the agent says. Text is the whole item's so far, not the difference.

    ``final`` comes once, when playback of the item ended: by then ``text`` is what was heard and
    ``interrupted`` says whether the caller cut it short.
    """

    type: Literal["agent.transcript"] = "agent.transcript"
    item_id: str
    agent: str
    text: str
    final: bool
    interrupted: bool = False


class AgentChanged(Event):
    """Another agent has the caller. ``from_agent`` is None at the start of a call."""

    type: Literal["agent.changed"] = "agent.changed"
    from_agent: str | None
    to_agent: str
    voice: str
    reason: str = ""
    context: str = ""


class ToolCalled(Event):
    """The model calls a tool."""

    type: Literal["tool.called"] = "tool.called"
    tool_call_id: str
    agent: str
    tool: str
    arguments: dict[str, Any]


class ToolFinished(Event):
    """A tool call was answered, whether it worked or not."""

    type: Literal["tool.finished"] = "tool.finished"
    tool_call_id: str
    tool: str
    output: str
    is_error: bool
    duration_ms: float


class Interruption(Event):
    """The caller spoke over the agent; ``heard_ms`` of the item had been heard by then."""

    type: Literal["interruption"] = "interruption"
    item_id: str
    heard_ms: int


class AgentResumed(Event):
    """The agent goes on: the caller's sound (``item_id``) was no interruption, but a pause."""

    type: Literal["agent.resumed"] = "agent.resumed"
    item_id: str
    paused_ms: int


class TurnLatency(Event):
    """From the end of the caller's speech to the first audio of the answer, at our side."""

    type: Literal["turn.latency"] = "turn.latency"
    latency_ms: float


class Usage(Event):
    """Tokens that one response was billed for."""

    type: Literal["usage"] = "usage"
    response_id: str
    model: str
    input_text_tokens: int = 0
    input_audio_tokens: int = 0
    cached_tokens: int = 0
    output_text_tokens: int = 0
    output_audio_tokens: int = 0


class Problem(Event):
    """Something went wrong. ``fatal`` says that the call cannot go on because of it."""

    type: Literal["error"] = "error"
    source: Literal["realtime", "tool", "transport", "call"]
    code: str
    message: str
    fatal: bool = False


CallEvent = Annotated[
    CallStarted
    | CallEnded
    | SessionState
    | SessionRenewed
    | UserSpeech
    | UserTranscript
    | AgentTranscript
    | AgentChanged
    | ToolCalled
    | ToolFinished
    | Interruption
    | AgentResumed
    | TurnLatency
    | Usage
    | Problem,
    Field(discriminator="type"),
]

call_event: TypeAdapter[CallEvent] = TypeAdapter(CallEvent)
"""Parses and writes any event, told apart by ``type``."""

Emit = Callable[[Event], None]
"""How a processor reports a fact: returns at once, never raises, never blocks."""
