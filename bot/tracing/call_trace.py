"""Turns the events of one call into spans, by the events' own time stamps."""

from collections.abc import Mapping
from datetime import datetime

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from processors.events.calls import CallEnded, CallStarted, Problem
from processors.events.conversation import (
    AgentChanged,
    AgentTranscript,
    Interruption,
    SessionRenewed,
    SessionState,
    UserSpeech,
)
from processors.events.event import Event
from processors.events.figures import TurnLatency, Usage
from processors.events.people import TransferFinished, TransferStarted
from processors.events.tools import ToolCalled, ToolFinished

Attributes = Mapping[str, AttributeValue]


def nanoseconds(at: datetime) -> int:
    """A time as spans have it: nanoseconds since 1970."""
    return round(at.timestamp() * 1_000_000) * 1000


class CallTrace:
    """The spans of one live call.

    Nothing in them says who the caller is or what anybody said. Names of attributes are those of
    OpenTelemetry's conventions for generative AI where it has one.

    Args:
        tracer: Makes the spans.
        started: The call's first event.
    """

    def __init__(self, tracer: Tracer, started: CallStarted) -> None:
        self._tracer = tracer
        attributes = {
            "switchboard.call_id": started.call_id,
            "switchboard.team": started.team,
            "switchboard.channel": started.channel,
            "switchboard.direction": started.direction,
        }
        if started.task:
            attributes["switchboard.task"] = started.task
        # An empty context: nothing that happens to be traced here is a call's parent.
        self._call = tracer.start_span(
            "call",
            Context(),
            kind=SpanKind.SERVER if started.direction == "inbound" else SpanKind.CLIENT,
            attributes=attributes,
            start_time=nanoseconds(started.at),
        )
        self._last = nanoseconds(started.at)
        self._session: Span | None = None
        self._tokens = {"input": 0, "output": 0}
        self._turn: Span | None = None
        self._turn_until = 0
        self._is_answered = False
        self._tools: dict[str, Span] = {}
        self._transfer: Span | None = None
        self._missed = 0

    def note(self, event: Event) -> None:
        """Begins, describes or ends the span that the event is about."""
        at = self._last = nanoseconds(event.at)
        match event:
            case SessionState():
                self._session_state(event, at)
            case SessionRenewed():
                self._end_session(at)
                self._begin_session(at, {"switchboard.endpoint": event.endpoint})
            case Usage():
                self._usage(event)
            case UserSpeech():
                self._speech(event, at)
            case TurnLatency() if self._turn:
                self._turn.set_attribute("switchboard.latency_ms", event.latency_ms)
                self._turn.add_event("first audio", timestamp=at)
                self._is_answered, self._turn_until = True, at
            case AgentTranscript(final=True) if self._turn:
                self._turn.set_attribute("gen_ai.agent.name", event.agent)
                self._is_answered, self._turn_until = True, at
            case Interruption() if self._turn:
                self._turn.add_event("interruption", {"heard_ms": event.heard_ms}, at)
                self._turn_until = at
            case _:
                self._acted(event, at)

    def missed(self, count: int) -> None:
        """Events are missing, maybe of this call."""
        self._missed += count

    def close(self, ended: CallEnded | None = None) -> None:
        """Ends every span, as of the call's end, or of what was last heard of it."""
        at = nanoseconds(ended.at) if ended else self._last
        for span in (*self._tools.values(), self._transfer):
            if span:
                span.end(at)
        self._tools, self._transfer = {}, None
        self._end_turn()
        self._end_session(at)
        if self._missed:
            self._call.set_attribute("switchboard.missed_events", self._missed)
        if ended:
            self._call.set_attribute("switchboard.reason", ended.reason)
            if ended.reason == "error":
                self._call.set_status(Status(StatusCode.ERROR))
        self._call.end(at)

    def _acted(self, event: Event, at: int) -> None:
        match event:
            case ToolCalled():
                self._tools[event.tool_call_id] = self._begin(
                    f"execute_tool {event.tool}",
                    at,
                    {
                        "gen_ai.operation.name": "execute_tool",
                        "gen_ai.tool.name": event.tool,
                        "gen_ai.tool.call.id": event.tool_call_id,
                        "gen_ai.agent.name": event.agent,
                    },
                    parent=self._turn,
                )
            case ToolFinished():
                if tool := self._tools.pop(event.tool_call_id, None):
                    if event.is_error:
                        tool.set_status(Status(StatusCode.ERROR))
                    tool.end(at)
                    self._turn_until = max(self._turn_until, at)
            case AgentChanged(from_agent=str(left)):
                agents = {"switchboard.from_agent": left, "gen_ai.agent.name": event.to_agent}
                self._begin("handoff", at, agents, parent=self._turn).end(at)
            case TransferStarted():
                self._transfer = self._begin("transfer", at, {"switchboard.kind": event.kind})
            case TransferFinished() if self._transfer:
                self._transfer.set_attribute("switchboard.outcome", event.outcome)
                self._transfer.end(at)
                self._transfer = None
            case Problem():
                what: Attributes = {"source": event.source, "code": event.code}
                self._call.add_event("error", {**what, "fatal": event.fatal}, at)

    def _begin(
        self, name: str, at: int, attributes: Attributes, *, parent: Span | None = None
    ) -> Span:
        context = set_span_in_context(parent or self._call, Context())
        return self._tracer.start_span(name, context, attributes=attributes, start_time=at)

    def _session_state(self, event: SessionState, at: int) -> None:
        match event.state:
            case "connecting" | "reconnecting":
                self._end_session(at)
                self._begin_session(at, {})
            case "ready" | "text":
                if self._session is None:
                    self._begin_session(at, {})
                if self._session:
                    self._session.set_attribute("switchboard.endpoint", event.detail)
                    self._session.add_event(event.state, timestamp=at)
            case "lost" | "failed":
                if self._session:
                    self._session.set_status(Status(StatusCode.ERROR, event.state))
                self._end_session(at)
            case "closed":
                self._end_session(at)

    def _begin_session(self, at: int, attributes: Attributes) -> None:
        self._session = self._begin("session", at, attributes)
        self._tokens = {"input": 0, "output": 0}

    def _end_session(self, at: int) -> None:
        if self._session:
            for kind, count in self._tokens.items():
                self._session.set_attribute(f"gen_ai.usage.{kind}_tokens", count)
            self._session.end(at)
            self._session = None

    def _usage(self, event: Usage) -> None:
        self._tokens["input"] += event.input_text_tokens + event.input_audio_tokens
        self._tokens["output"] += event.output_text_tokens + event.output_audio_tokens
        if self._session:
            self._session.set_attribute("gen_ai.request.model", event.model)

    def _speech(self, event: UserSpeech, at: int) -> None:
        if event.speaking and (self._turn is None or self._is_answered):
            self._end_turn()
            self._turn, self._is_answered = self._begin("turn", at, {}), False
        elif self._turn and not event.speaking:
            self._turn.add_event("caller stopped", timestamp=at)
        self._turn_until = at

    def _end_turn(self) -> None:
        """A turn lasts until the last that is known of it, not until the caller speaks again."""
        if self._turn:
            self._turn.end(self._turn_until)
            self._turn = None
