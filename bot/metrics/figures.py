"""What is counted and measured: every figure with its name, labels, unit and buckets."""

from prometheus_client import CollectorRegistry, Counter, Histogram

LATENCY_BUCKETS_S = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
TOOL_BUCKETS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
START_BUCKETS_S = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
DURATION_BUCKETS_S = (5, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600)
MOS_BUCKETS = (1.0, 2.0, 2.6, 3.1, 3.6, 4.0, 4.2, 4.4)
"""At the boundaries of ITU-T G.107, annex B: "many users dissatisfied" is below 3.6."""

JITTER_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
LAG_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)

CALL = ("team", "channel", "direction")


class Figures:
    """All figures that follow from events, in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"switchboard_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(
                f"switchboard_{name}", text, labels, buckets=buckets, registry=registry
            )

        self.calls_started = counter("calls_started", "Calls whose media was connected.", *CALL)
        self.calls_ended = counter("calls_ended", "Calls that are over.", *CALL, "reason")
        self.calls_refused = counter(
            "calls_refused", "Calls that were not taken.", "channel", "reason"
        )
        self.call_duration = histogram(
            "call_duration_seconds", "How long calls lasted.", DURATION_BUCKETS_S, "channel"
        )
        self.outbound_calls = counter(
            "outbound_calls", "Calls that we placed, by how far they came.", "status"
        )
        self.turn_latency = histogram(
            "turn_latency_seconds",
            "Voice to voice: from the end of the caller's speech to the answer's first audio.",
            LATENCY_BUCKETS_S,
            "team",
            "channel",
        )
        self.session_start = histogram(
            "session_start_seconds",
            "From opening a session with the model to its being ready.",
            START_BUCKETS_S,
            "kind",
        )
        self.session_states = counter(
            "session_states", "What sessions with the model came to: lost, reconnecting…", "state"
        )
        self.session_renewals = counter(
            "session_renewals", "Sessions that were replaced before their end.", "moment"
        )
        self.failovers = counter(
            "session_failovers", "Sessions that went on at another endpoint.", "endpoint"
        )
        self.tool_time = histogram("tool_seconds", "How long tools took.", TOOL_BUCKETS_S, "tool")
        self.tool_calls = counter("tool_calls", "Tool calls by outcome.", "tool", "outcome")
        self.tokens = counter("tokens", "Tokens that were billed.", "model", "kind")
        self.cost = counter("cost_usd", "US dollars that calls have cost.", "kind")
        self.errors = counter("errors", "What went wrong.", "source", "code", "fatal")
        self.interruptions = counter("interruptions", "Answers that the caller cut short.", "team")
        self.held_lines = counter(
            "lines_held", "Callers who waited in silence, and heard a recorded line.", "waits_for"
        )
        self.guardrails = counter(
            "guardrails_tripped", "Replies that a guardrail stopped.", "guardrail", "source"
        )
        self.handoffs = counter("handoffs", "Callers handed to another agent.", "team", "to_agent")
        self.transfers = counter("transfers", "Callers given to a person.", "kind", "outcome")
        self.operator_actions = counter("operator_actions", "What operators did.", "action")
        self.mos = histogram(
            "line_mos", "Estimated MOS of a call's line, at its end.", MOS_BUCKETS, "channel"
        )
        self.jitter = histogram(
            "line_jitter_seconds",
            "Worst jitter of a call's line, at its end.",
            JITTER_BUCKETS_S,
            "channel",
        )
        self.line_missing = counter(
            "line_missing_seconds", "Audio of callers that did not arrive.", "channel"
        )
        self.line_received = counter(
            "line_received_seconds", "Audio of callers that arrived.", "channel"
        )
        self.warnings = counter("warnings", "Calls with a figure past its threshold.", "figure")
        self.loop_lag = histogram(
            "event_loop_lag_seconds", "How late the event loop was, twice a second.", LAG_BUCKETS_S
        )
