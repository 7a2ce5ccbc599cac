"""Writes the events of every call to the log; what people say only at debug level."""

from loguru import logger

from bot.events import EventBus, Missed
from processors.events.calls import Problem
from processors.events.event import Event

PERSONAL = {
    "user.transcript": ("text",),
    "agent.transcript": ("text",),
    "operator.transcript": ("text",),
    "agent.changed": ("reason", "context"),
    "tool.called": ("arguments",),
    "tool.finished": ("output",),
    "tool.progress": ("message",),
    "call.planned": ("request", "idempotency_key"),
    "call.status": ("provider_call_id", "from_number", "to_number"),
    "call.answered": ("detail",),
    "call.summary": ("summary", "intent", "data"),
    "data.extracted": ("data",),
    "call.started": ("provider_call_id", "from_number", "to_number"),
    "operator.action": ("detail",),
    "dtmf.received": ("digits",),
    "dtmf.sent": ("digits",),
    "transfer.started": ("to", "reason", "summary"),
    "transfer.finished": ("to",),
    "approval.requested": ("arguments",),
    "elicitation.requested": ("message", "answers", "required"),
    "guardrail.tripped": ("words", "instead"),
}
"""Fields by event type that can hold what a caller said or who the caller is."""

FREQUENT = {
    "user.transcript",
    "agent.transcript",
    "operator.transcript",
    "user.speech",
    "usage",
    "turn.latency",
    "tool.progress",
}
"""Events that come with every turn: debug level."""

STAMPS = {"call_id", "sequence", "at", "type"}


async def log_events(bus: EventBus) -> None:
    """Logs every event until it is cancelled."""
    with bus.subscribe() as events:
        async for event in events:
            if isinstance(event, Missed):
                logger.warning("the log missed {} events", event.count)
            else:
                log_event(event)


def log_event(event: Event) -> None:
    """Logs one event: a line without personal data, and at debug level one with it."""
    fields = event.model_dump(mode="json")
    kind = fields["type"]
    personal = PERSONAL.get(kind, ())
    shown = {k: v for k, v in fields.items() if k not in STAMPS and k not in personal}
    level = "DEBUG" if kind in FREQUENT else "INFO"
    if isinstance(event, Problem):
        level = "ERROR" if event.fatal else "WARNING"
    log = logger.bind(call_id=event.call_id)
    log.log(level, "{} {}", kind, _pairs(shown))
    if personal:
        log.debug("{} {}", kind, _pairs({name: fields[name] for name in personal}))


def _pairs(fields: dict[str, object]) -> str:
    return " ".join(f"{name}={value!r}" for name, value in fields.items() if value is not None)
