"""What each event says of its call, put where it can be asked for.

One function for each type of event that the tables know. An event of any other type is in
`call_events` all the same, and needs nothing here.
"""

from collections.abc import Callable
from datetime import datetime

from bot.records.entries import GAP
from bot.records.facts import Fact, Rows
from bot.records.tables import (
    Call,
    Consent,
    Handoff,
    ToolCall,
    TurnLatency,
    Usage,
    Utterance,
)

LIVE = ("initiated", "ringing", "in_progress")
FINAL = ("completed", "failed", "busy", "no_answer", "canceled")
LOST = "lost"
"""Why a call ended whose process died during it."""

TOKENS = (
    "input_text_tokens",
    "input_audio_tokens",
    "cached_tokens",
    "output_text_tokens",
    "output_audio_tokens",
)


def new_call(call_id: str, at: datetime, instance_id: str) -> Call:
    """A call of which nothing is known but that it is."""
    return Call(
        id=call_id,
        direction="inbound",
        status="initiated",
        transcript="",
        meta={},
        data={},
        **dict.fromkeys(TOKENS, 0),
        missed_events=0,
        last_sequence=0,
        instance_id=instance_id,
        created_at=at,
        updated_at=at,
    )


def project(rows: Rows, call: Call, event_type: str, fact: Fact) -> None:
    """Puts an event where it belongs."""
    call.updated_at = max(call.updated_at, fact.at)
    projector = _PROJECTORS.get(event_type)
    if projector:
        projector(rows, call, fact)


def _started(_rows: Rows, call: Call, fact: Fact) -> None:
    call.call_sid = fact.text("provider_call_id") or call.call_sid
    call.team = fact.text("team") or call.team
    call.channel = fact.text("channel")
    call.direction = fact.text("direction") or call.direction
    call.from_number = fact.text("from_number") or call.from_number
    call.to_number = fact.text("to_number") or call.to_number
    call.task = fact.text("task") or call.task
    call.started_at = call.started_at or fact.at
    call.ended_at = None
    if call.status in LIVE:
        call.status = "in_progress"


def _ended(_rows: Rows, call: Call, fact: Fact) -> None:
    reason = fact.text("reason")
    if reason == LOST and call.ended_at:
        return
    was_lost = call.reason == LOST
    call.reason = reason
    call.ended_at = fact.at
    call.duration_s = fact.number("duration_s")
    if reason in ("error", LOST):
        call.status = "failed"
    elif call.status in LIVE or was_lost:
        call.status = "completed"


def _planned(_rows: Rows, call: Call, fact: Fact) -> None:
    metadata = fact.document("request").get("metadata")
    if isinstance(metadata, dict):
        call.meta = {**call.meta, **metadata}
    call.direction = "outbound"


def _answered(_rows: Rows, call: Call, fact: Fact) -> None:
    call.answered_by = fact.text("answered_by") or call.answered_by


def _status(_rows: Rows, call: Call, fact: Fact) -> None:
    status = fact.text("status")
    call.call_sid = fact.text("provider_call_id") or call.call_sid
    call.team = fact.text("team") or call.team
    call.direction = fact.text("direction") or "outbound"
    call.channel = call.channel or "phone"
    call.from_number = fact.text("from_number") or call.from_number
    call.to_number = fact.text("to_number") or call.to_number
    call.task = fact.text("task") or call.task
    if status is None or call.status in FINAL:
        return
    call.status = status
    if status in FINAL:
        call.ended_at = call.ended_at or fact.at
        call.reason = call.reason or fact.text("detail")


def _agent_changed(rows: Rows, call: Call, fact: Fact) -> None:
    call.agent = fact.text("to_agent")
    rows.add(
        Handoff(
            call_id=call.id,
            sequence=fact.sequence,
            at=fact.at,
            from_agent=fact.text("from_agent"),
            to_agent=call.agent or "",
            voice=fact.text("voice"),
            reason=fact.text("reason") or "",
            context=fact.text("context") or "",
        )
    )


def _tool(rows: Rows, call: Call, fact: Fact) -> ToolCall:
    key = (call.id, fact.text("tool_call_id") or str(fact.sequence))
    tool_call = rows.tool_calls.get(key)
    if tool_call is None:
        tool_call = rows.tool_calls[key] = ToolCall(
            call_id=call.id,
            tool_call_id=key[1],
            sequence=fact.sequence,
            team=call.team or "",
            tool=fact.text("tool") or "",
            arguments={},
            called_at=fact.at,
        )
        rows.add(tool_call)
    return tool_call


def _tool_called(rows: Rows, call: Call, fact: Fact) -> None:
    tool_call = _tool(rows, call, fact)
    tool_call.agent = fact.text("agent")
    tool_call.arguments = fact.document("arguments")
    tool_call.called_at = fact.at


def _tool_finished(rows: Rows, call: Call, fact: Fact) -> None:
    tool_call = _tool(rows, call, fact)
    tool_call.output = str(fact.fields.get("output", ""))
    tool_call.is_error = bool(fact.fields.get("is_error"))
    tool_call.duration_ms = fact.number("duration_ms")
    tool_call.finished_at = fact.at


def _said(speaker: str) -> "Projector":
    def said(rows: Rows, call: Call, fact: Fact) -> None:
        text = fact.text("text")
        if not fact.fields.get("final") or text is None:
            return
        key = (call.id, speaker, fact.text("item_id") or str(fact.sequence))
        line = f"{speaker}: {text}"
        utterance = rows.utterances.get(key)
        if utterance is None:
            utterance = rows.utterances[key] = Utterance(
                call_id=call.id, item_id=key[2], speaker=speaker, sequence=fact.sequence, at=fact.at
            )
            rows.add(utterance)
            call.transcript = f"{call.transcript}\n{line}" if call.transcript else line
        else:
            call.transcript = call.transcript.replace(f"{speaker}: {utterance.text}", line, 1)
        utterance.agent = fact.text("agent")
        utterance.text = text
        utterance.interrupted = bool(fact.fields.get("interrupted"))

    return said


def _usage(rows: Rows, call: Call, fact: Fact) -> None:
    tokens = {name: fact.count(name) for name in TOKENS}
    for name, number in tokens.items():
        setattr(call, name, getattr(call, name) + number)
    rows.add(
        Usage(
            call_id=call.id,
            sequence=fact.sequence,
            at=fact.at,
            response_id=fact.text("response_id"),
            model=fact.text("model"),
            **tokens,
        )
    )


def _latency(rows: Rows, call: Call, fact: Fact) -> None:
    latency_ms = fact.number("latency_ms")
    if latency_ms is not None:
        rows.add(
            TurnLatency(
                call_id=call.id,
                sequence=fact.sequence,
                at=fact.at,
                latency_ms=latency_ms,
                team=call.team or "",
                agent=call.agent or "",
            )
        )


def _consent(rows: Rows, call: Call, fact: Fact) -> None:
    rows.add(
        Consent(
            call_id=call.id,
            sequence=fact.sequence,
            at=fact.at,
            kind=fact.text("kind") or "",
            granted=fact.fields.get("granted") is True,
        )
    )


def _recorded(_rows: Rows, call: Call, fact: Fact) -> None:
    call.recording_file = fact.text("file")
    call.recording_duration_s = fact.number("duration_s")
    call.recording_bytes = fact.count("bytes")


def _data(_rows: Rows, call: Call, fact: Fact) -> None:
    call.data = {**call.data, **fact.document("data")}


def _summary(_rows: Rows, call: Call, fact: Fact) -> None:
    call.summary = fact.text("summary") or call.summary
    call.intent = fact.text("intent") or call.intent
    call.outcome = fact.text("outcome") or call.outcome
    # What an agent took down was agreed with the caller: it is surer than what was read since.
    call.data = {**fact.document("data"), **call.data}


def _cost(_rows: Rows, call: Call, fact: Fact) -> None:
    call.cost_usd = fact.number("usd")


def _missed(_rows: Rows, call: Call, fact: Fact) -> None:
    call.missed_events += fact.count("count")


Projector = Callable[[Rows, Call, Fact], None]

_PROJECTORS: dict[str, Projector] = {
    "call.started": _started,
    "call.ended": _ended,
    "call.planned": _planned,
    "call.answered": _answered,
    "call.status": _status,
    "agent.changed": _agent_changed,
    "tool.called": _tool_called,
    "tool.finished": _tool_finished,
    "user.transcript": _said("caller"),
    "agent.transcript": _said("agent"),
    "operator.transcript": _said("operator"),
    "usage": _usage,
    "turn.latency": _latency,
    "consent": _consent,
    "recording.finished": _recorded,
    "data.extracted": _data,
    "call.summary": _summary,
    "cost": _cost,
    GAP: _missed,
}
