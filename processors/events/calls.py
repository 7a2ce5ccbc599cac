"""How a call begins, how far it comes and how it ends."""

from typing import Any, Literal

from processors.events.event import Event


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


class Problem(Event):
    """Something went wrong. ``fatal`` says that the call cannot go on because of it."""

    type: Literal["error"] = "error"
    source: Literal["realtime", "tool", "transport", "call", "recording", "summary"]
    code: str
    message: str
    fatal: bool = False


CallLifecycle = CallStarted | CallEnded | CallPlanned | CallStatus | CallAnswered | Problem
