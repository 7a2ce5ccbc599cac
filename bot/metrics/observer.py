"""Turns the events of calls into figures."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from bot.metrics.figures import Figures
from bot.metrics.vocabulary import Vocabulary
from processors.events.calls import CallEnded, CallStarted, CallStatus, Problem
from processors.events.conversation import (
    AgentChanged,
    GuardrailTripped,
    Interruption,
    LineHeld,
    SessionRenewed,
    SessionState,
)
from processors.events.event import Event
from processors.events.figures import Cost, Quality, TurnLatency, Usage
from processors.events.people import CallTakenOver, OperatorAction, TransferFinished
from processors.events.tools import ToolFinished

UNKNOWN = "unknown"
TEAMS, AGENTS, TOOLS, MODELS, CODES, KINDS, GUARDRAILS = 50, 100, 200, 20, 100, 10, 100
"""How many values these labels may have."""

COSTS_KEPT = 10_000
"""Calls whose cost so far is known, so that what they cost more is counted once."""

TOKENS = {
    "input_text": "input_text_tokens",
    "input_audio": "input_audio_tokens",
    "input_cached": "cached_tokens",
    "output_text": "output_text_tokens",
    "output_audio": "output_audio_tokens",
}
"""Kinds of tokens as labels, and the fields of the event ``usage`` that count them."""


@dataclass(slots=True)
class _Call:
    """What has to be remembered of a live call."""

    team: str = UNKNOWN
    channel: str = UNKNOWN
    direction: str = UNKNOWN
    endpoint: str = ""
    opening: tuple[str, datetime] | None = None
    quality: Quality | None = None


class Observer:
    """Knows the live calls as far as their figures need it.

    Args:
        figures: Are kept up to date.
        endpoint: The name of the model's first endpoint.
        tools: The tools that there are.
    """

    def __init__(self, figures: Figures, *, endpoint: str, tools: Vocabulary) -> None:
        self._figures = figures
        self._endpoint = endpoint
        self._calls: dict[str, _Call] = {}
        self._teams, self._agents = Vocabulary(TEAMS), Vocabulary(AGENTS)
        self._tools = tools
        self._models, self._codes = Vocabulary(MODELS), Vocabulary(CODES)
        self._kinds, self._guardrails = Vocabulary(KINDS), Vocabulary(GUARDRAILS)
        self._endpoints = Vocabulary(MODELS)
        self._costs: OrderedDict[str, dict[str, float]] = OrderedDict()

    def note(self, event: Event) -> None:
        """Counts what happened."""
        # A call that did not start here, one that another process lost, counts as unknown.
        call = self._calls.get(event.call_id) or _Call(endpoint=self._endpoint)
        match event:
            case CallStarted():
                self._started(event)
            case CallEnded():
                self._ended(event, call)
            case CallStatus():
                self._figures.outbound_calls.labels(event.status).inc()
            case SessionState():
                self._session(event, call)
            case SessionRenewed():
                self._figures.session_renewals.labels(event.moment).inc()
            case Quality():
                call.quality = event
            case Cost():
                self._cost(event)
            case _:
                self._in_conversation(event, call)

    def _started(self, event: CallStarted) -> None:
        call = _Call(
            team=self._teams.label(event.team),
            channel=event.channel,
            direction=event.direction,
            endpoint=self._endpoint,
        )
        self._calls[event.call_id] = call
        self._figures.calls_started.labels(call.team, call.channel, call.direction).inc()

    def _ended(self, event: CallEnded, call: _Call) -> None:
        self._calls.pop(event.call_id, None)
        figures = self._figures
        labels = (call.team, call.channel, call.direction)
        figures.calls_ended.labels(*labels, event.reason).inc()
        figures.call_duration.labels(call.channel).observe(event.duration_s)
        if (line := call.quality) is not None:
            figures.mos.labels(call.channel).observe(line.mos)
            figures.jitter.labels(call.channel).observe(line.worst_jitter_ms / 1000)
            figures.line_missing.labels(call.channel).inc(line.missing_ms / 1000)
            figures.line_received.labels(call.channel).inc(line.received_ms / 1000)

    def _session(self, event: SessionState, call: _Call) -> None:
        figures = self._figures
        figures.session_states.labels(event.state).inc()
        if event.state in ("connecting", "reconnecting"):
            call.opening = ("first" if event.state == "connecting" else "again", event.at)
        if event.state != "ready":
            return
        if call.opening is not None:
            kind, since = call.opening
            call.opening = None
            figures.session_start.labels(kind).observe((event.at - since).total_seconds())
        if event.detail and event.detail != call.endpoint:
            call.endpoint = event.detail
            figures.failovers.labels(self._endpoints.label(event.detail)).inc()

    def _in_conversation(self, event: Event, call: _Call) -> None:
        figures = self._figures
        match event:
            case TurnLatency():
                seconds = event.latency_ms / 1000
                figures.turn_latency.labels(call.team, call.channel).observe(seconds)
            case ToolFinished():
                self._tool(event)
            case Usage():
                model = self._models.label(event.model)
                for kind, name in TOKENS.items():
                    figures.tokens.labels(model, kind).inc(getattr(event, name))
            case Interruption():
                figures.interruptions.labels(call.team).inc()
            case LineHeld():
                figures.held_lines.labels(event.waits_for).inc()
            case GuardrailTripped():
                guardrail = self._guardrails.label(event.guardrail)
                figures.guardrails.labels(guardrail, event.source).inc()
            case AgentChanged(from_agent=str()):
                figures.handoffs.labels(call.team, self._agents.label(event.to_agent)).inc()
            case TransferFinished():
                figures.transfers.labels(event.kind, event.outcome).inc()
            case CallTakenOver():
                figures.operator_actions.labels("take_over").inc()
            case OperatorAction():
                figures.operator_actions.labels(event.action).inc()
            case Problem():
                code = self._codes.label(event.code)
                fatal = "true" if event.fatal else "false"
                figures.errors.labels(event.source, code, fatal).inc()

    def _cost(self, event: Cost) -> None:
        """Each event has the sum so far; the last one can come after the call's end."""
        before = self._costs.get(event.call_id, {})
        for kind, usd in event.by_kind.items():
            more = usd - before.get(kind, 0.0)
            self._figures.cost.labels(self._kinds.label(kind)).inc(max(0.0, more))
        self._costs[event.call_id] = dict(event.by_kind)
        self._costs.move_to_end(event.call_id)
        if len(self._costs) > COSTS_KEPT:
            self._costs.popitem(last=False)

    def _tool(self, event: ToolFinished) -> None:
        if not event.is_error:
            # What has worked exists, also where it is not a tool server's: our own, the model's.
            self._tools.learn(event.tool)
        tool = self._tools.label(event.tool)
        self._figures.tool_time.labels(tool).observe(event.duration_ms / 1000)
        self._figures.tool_calls.labels(tool, "error" if event.is_error else "ok").inc()
