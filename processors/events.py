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
    """The media of a call is connected and its pipeline runs.

    ``task`` names what an outbound call is for. Numbers are E.164, where the carrier says them.
    """

    type: Literal["call.started"] = "call.started"
    team: str
    channel: Literal["phone", "webrtc", "websocket", "mic"]
    direction: Literal["inbound", "outbound"] = "inbound"
    from_number: str | None = None
    to_number: str | None = None
    task: str | None = None
    provider_call_id: str | None = None


class CallEnded(Event):
    """The conversation is over and its resources are freed.

    ``limit``: it had lasted as long, or cost as much, as it may; ``lost``: its process died during
    it.
    """

    type: Literal["call.ended"] = "call.ended"
    reason: Literal["caller", "agent", "operator", "transfer", "limit", "error", "shutdown", "lost"]
    duration_s: float


class CallPlanned(Event):
    """An outbound call was asked for and is handed to the carrier.

    ``request`` is what was asked, as `POST /api/calls` takes it.
    """

    type: Literal["call.planned"] = "call.planned"
    request: dict[str, Any]
    idempotency_key: str | None = None


class CallStatus(Event):
    """How far an outbound call has come, as the carrier reports it.

    ``detail`` says why a call failed, where the carrier does; ``provider_sequence`` is the number
    of its report.
    """

    type: Literal["call.status"] = "call.status"
    status: Literal[
        "initiated",
        "ringing",
        "in_progress",
        "completed",
        "failed",
        "busy",
        "no_answer",
        "canceled",
    ]
    team: str
    direction: Literal["outbound"] = "outbound"
    from_number: str | None = None
    to_number: str | None = None
    task: str | None = None
    provider_call_id: str | None = None
    provider_sequence: int | None = None
    detail: str = ""


class CallAnswered(Event):
    """What answered an outbound call, and what is done about it. The last one counts.

    ``source`` is who found out: the ``carrier``'s detection (``detail`` is its own word), the
    ``transcript`` of the first seconds, or nobody (``none``).
    """

    type: Literal["call.answered"] = "call.answered"
    answered_by: Literal["human", "machine", "fax", "unknown"]
    source: Literal["carrier", "transcript", "none"]
    action: Literal["talk", "leave_message", "hang_up"]
    detail: str = ""


class DataExtracted(Event):
    """Structured data that the agent took down. Later values replace earlier ones by name."""

    type: Literal["data.extracted"] = "data.extracted"
    agent: str | None = None
    data: dict[str, Any]


class CallSummarised(Event):
    """What came of a call, read from its transcript when it was over. It comes after `CallEnded`.

    ``data`` is of the team's ``data_schema``, without what was not said.
    """

    type: Literal["call.summary"] = "call.summary"
    summary: str
    intent: str
    outcome: Literal[
        "resolved",
        "unresolved",
        "transferred",
        "follow_up",
        "declined",
        "wrong_number",
        "unclear",
    ]
    data: dict[str, Any]
    model: str


class SessionState(Event):
    """The connection to the model changed its state; ``text``: the call goes on in writing."""

    type: Literal["session.state"] = "session.state"
    state: Literal["connecting", "ready", "lost", "reconnecting", "text", "failed", "closed"]
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


class OperatorTranscript(Event):
    """What an operator says to the caller in the agent's place, in the steps of a transcript.

    ``by`` is the name of their key; it is left out of what a caller's page gets.
    """

    type: Literal["operator.transcript"] = "operator.transcript"
    item_id: str
    by: str
    text: str
    final: bool


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


class ToolProgressed(Event):
    """A tool that takes long tells how far it is: ``done`` of ``total``, where it knows that."""

    type: Literal["tool.progress"] = "tool.progress"
    tool_call_id: str
    tool: str
    done: float
    total: float | None = None
    message: str = ""


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
    """What one response, or one transcript of the caller's, was billed for.

    Input tokens include the ``cached_tokens``, of which ``cached_audio_tokens`` were audio.
    ``audio_s`` is what models that write transcripts are billed by, where it isn't tokens.
    ``response_id`` is then the item's.
    """

    type: Literal["usage"] = "usage"
    response_id: str
    model: str
    input_text_tokens: int = 0
    input_audio_tokens: int = 0
    cached_tokens: int = 0
    cached_audio_tokens: int = 0
    output_text_tokens: int = 0
    output_audio_tokens: int = 0
    audio_s: float = 0.0


class Cost(Event):
    """What the call has cost so far, in US dollars; every few seconds, and when it is over.

    ``by_kind`` has ``realtime``, ``chat``, ``transcription`` (models) and ``carrier``.
    ``unpriced`` are models whose price is not known: what they cost is missing.
    """

    type: Literal["cost"] = "cost"
    usd: float
    by_kind: dict[str, float]
    unpriced: list[str] = Field(default_factory=list)


class CostLimit(Event):
    """The call comes ``near`` what it may cost (80 %), or has ``reached`` it and is ended."""

    type: Literal["cost.limit"] = "cost.limit"
    state: Literal["near", "reached"]
    usd: float
    limit_usd: float


class DtmfReceived(Event):
    """The caller pressed keys. Of ``sensitive`` ones ``digits`` only shows how many they were."""

    type: Literal["dtmf.received"] = "dtmf.received"
    digits: str
    sensitive: bool = False


class DtmfSent(Event):
    """The other side heard the tones of these keys; of sensitive ones how many they were."""

    type: Literal["dtmf.sent"] = "dtmf.sent"
    digits: str


TransferOutcome = Literal["answered", "declined", "busy", "no_answer", "failed"]


class TransferStarted(Event):
    """The caller is being connected to a person, who hears ``summary`` first if it is ``warm``."""

    type: Literal["transfer.started"] = "transfer.started"
    kind: Literal["blind", "warm"]
    to: str
    reason: str = ""
    summary: str = ""


class TransferFinished(Event):
    """The person took the call (``answered``), or did not, and the caller is back."""

    type: Literal["transfer.finished"] = "transfer.finished"
    kind: Literal["blind", "warm"]
    to: str
    outcome: TransferOutcome


class ApprovalRequested(Event):
    """A dangerous tool was called and waits for a yes: ``of`` the caller, or of an operator."""

    type: Literal["approval.requested"] = "approval.requested"
    approval_id: str
    tool: str
    arguments: dict[str, Any]
    of: Literal["caller", "operator"]


class ApprovalDecided(Event):
    """The tool that waited runs (``approved``) or never will; ``by`` the caller or a key's name."""

    type: Literal["approval.decided"] = "approval.decided"
    approval_id: str
    decision: Literal["approved", "denied", "expired"]
    by: str = ""


class ElicitationRequested(Event):
    """A tool asks ``message`` before it can go on, ``of`` the caller or an operator.

    ``answers`` are the JSON Schemas of what it has to know, by name.
    """

    type: Literal["elicitation.requested"] = "elicitation.requested"
    elicitation_id: str
    tool: str
    message: str
    answers: dict[str, Any]
    of: Literal["caller", "operator"]


class ElicitationAnswered(Event):
    """What a tool asked was answered (``accept``) or not; ``by`` the caller or a key's name.

    ``decline`` is a no, ``cancel`` that nobody answered.
    """

    type: Literal["elicitation.answered"] = "elicitation.answered"
    elicitation_id: str
    action: Literal["accept", "decline", "cancel"]
    by: str = ""


class GuardrailTripped(Event):
    """An agent was stopped before it said what it must not say (``words``), and why.

    ``heard_ms`` of its reply had been heard by then; ``instead`` is what it is to say now, empty
    where that is left to it. ``source``: its words themselves, or a ``moderation`` model.
    """

    type: Literal["guardrail.tripped"] = "guardrail.tripped"
    guardrail: str
    source: Literal["words", "moderation"]
    agent: str
    item_id: str
    words: str
    heard_ms: int
    instead: str = ""


class CallTakenOver(Event):
    """An operator talks with the caller in the agent's place; ``by`` is the name of their key."""

    type: Literal["call.taken_over"] = "call.taken_over"
    by: str


class CallHandedBack(Event):
    """The agent has the caller again; ``by`` is the name of the key that had taken the call over.

    ``reason``: an ``operator`` gave it back, their ``connection_lost``, a ``transfer`` begins, or
    the call is about to end (``call_ended``).
    """

    type: Literal["call.handed_back"] = "call.handed_back"
    by: str
    reason: Literal["operator", "connection_lost", "transfer", "call_ended"]


class OperatorAction(Event):
    """Somebody acted on the call from outside it; ``by`` is the name of their key.

    ``detail`` is what was to be said or pressed, what the agent was told, or
    which side was muted.
    """

    type: Literal["operator.action"] = "operator.action"
    action: Literal[
        "end",
        "say",
        "coach",
        "mute",
        "unmute",
        "digits",
        "transfer",
        "record",
        "stop_recording",
        "approve",
        "deny",
        "answer",
    ]
    by: str
    detail: str = ""


class RecordingStarted(Event):
    """What is heard is written to disk from here on, a channel a side."""

    type: Literal["recording.started"] = "recording.started"
    file: str
    channels: list[Literal["caller", "agent"]]


class RecordingFinished(Event):
    """A recording is complete; ``sha256`` is of the whole file."""

    type: Literal["recording.finished"] = "recording.finished"
    file: str
    channels: list[Literal["caller", "agent"]]
    duration_s: float
    bytes: int
    sha256: str


class Consent(Event):
    """The caller agreed to something that asks for it, or did not, or takes it back."""

    type: Literal["consent"] = "consent"
    kind: Literal["recording"]
    granted: bool


class Quality(Event):
    """How good the caller's line has been so far: every minute, and at the call's end.

    ``clipped`` is a share of the samples; levels are in dB of full scale, ``speech_dbfs`` is None
    when nobody spoke. ``mos`` is estimated by the E-model, 1 to 4.5.
    """

    type: Literal["quality"] = "quality"
    jitter_ms: float
    worst_jitter_ms: float
    gaps: int
    missing_ms: int
    received_ms: int
    speech_dbfs: float | None
    noise_dbfs: float
    clipped: float
    mos: float


class ThresholdExceeded(Event):
    """A figure of the call is above what the settings warn of; once for each figure."""

    type: Literal["threshold.exceeded"] = "threshold.exceeded"
    figure: Literal["latency_ms", "tool_ms", "cost_usd"]
    value: float
    threshold: float


class Problem(Event):
    """Something went wrong. ``fatal`` says that the call cannot go on because of it."""

    type: Literal["error"] = "error"
    source: Literal["realtime", "tool", "transport", "call", "recording", "summary"]
    code: str
    message: str
    fatal: bool = False


CallEvent = Annotated[
    CallStarted
    | CallEnded
    | CallPlanned
    | CallStatus
    | CallAnswered
    | DataExtracted
    | CallSummarised
    | SessionState
    | SessionRenewed
    | UserSpeech
    | UserTranscript
    | AgentTranscript
    | OperatorTranscript
    | AgentChanged
    | ToolCalled
    | ToolFinished
    | ToolProgressed
    | Interruption
    | AgentResumed
    | TurnLatency
    | Usage
    | Cost
    | CostLimit
    | DtmfReceived
    | DtmfSent
    | TransferStarted
    | TransferFinished
    | ApprovalRequested
    | ApprovalDecided
    | ElicitationRequested
    | ElicitationAnswered
    | GuardrailTripped
    | CallTakenOver
    | CallHandedBack
    | OperatorAction
    | RecordingStarted
    | RecordingFinished
    | Consent
    | Quality
    | ThresholdExceeded
    | Problem,
    Field(discriminator="type"),
]

call_event: TypeAdapter[CallEvent] = TypeAdapter(CallEvent)
"""Parses and writes any event, told apart by ``type``."""

Emit = Callable[[Event], None]
"""How a processor reports a fact: returns at once, never raises, never blocks."""
