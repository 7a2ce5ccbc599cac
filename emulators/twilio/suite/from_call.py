"""Makes a scenario of a call that took place: what the caller said, and what came of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from emulators.twilio.suite.scenario import Recorded, ScenarioFile

_DATE = re.compile(r"\d{4}(-\d{2}-\d{2})$")
_NUMBER = re.compile(r"\d{4,}")
_KEYPAD = "(pressed on the keypad)"
"""How the caller's keys stand in a transcript (docs/control.md)."""

_TALK = re.compile(r"end_call|transfer_to_(?!human)\w+|\w+_expert")
"""Tools that are words between agents: their wording is none of a check's business."""

Events = Sequence[Mapping[str, Any]]


def scenario_of(
    record: Mapping[str, Any], events: Events, recorded: Recorded | None = None
) -> ScenarioFile:
    """A file with one scenario that plays a call again.

    Args:
        record: ``GET /api/calls/{id}``.
        events: ``GET /api/calls/{id}/events``.
        recorded: The caller's sound, to be played instead of his words.

    Raises:
        ValueError: There is nothing in the call to play again.
    """
    scenario: dict[str, Any] = {
        "name": f"call {str(record['id']).removeprefix('call_')[:8]}",
        "goal": record["summary"] or "What a recorded call was about; see its lines.",
        "path": record["channel"] or "phone",
    }
    outbound = _outbound(record, events)
    if outbound:
        scenario["outbound"] = outbound
    if recorded:
        scenario["recorded"] = recorded.model_dump()
    else:
        lines = list(_lines(events))
        if outbound and outbound["answered_by"] == "person" and lines and "say" in lines[0]:
            # Who is called speaks first, before there is anything to answer.
            scenario["persona"] = {"greeting": lines.pop(0)["say"]}
        if not lines and not (outbound and outbound["answered_by"] != "person"):
            raise ValueError(f"{record['id']}: the caller said nothing that could be said again")
        scenario["lines"] = lines
    scenario["checks"] = _checks(record, events)
    return ScenarioFile.model_validate({"team": record["team"], "scenarios": [scenario]})


def written(file: ScenarioFile) -> str:
    """A file as YAML, without what has its default."""
    value = file.model_dump(mode="json", exclude_defaults=True)
    for scenario in value["scenarios"]:
        scenario["lines"] = [
            step["say"] if set(step) == {"say"} else step for step in scenario.get("lines", ())
        ]
        if not scenario["lines"]:
            del scenario["lines"]
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=96)
    return text


def _outbound(record: Mapping[str, Any], events: Events) -> dict[str, Any] | None:
    if record["direction"] != "outbound":
        return None
    planned = next((event for event in events if event["type"] == "call.planned"), None)
    request = dict(planned["request"]) if planned else {}
    request.pop("to", None)
    by = {"machine": "voicemail"}.get(str(record["answered_by"]), "person")
    by = {"busy": "busy", "no_answer": "no_answer"}.get(str(record["status"]), by)
    return {"request": request, "answered_by": by}


def _lines(events: Events) -> Iterator[dict[str, Any]]:
    """What the caller did, in order; over an agent's words where he interrupted them."""
    over: float | None = None
    for event in events:
        step: dict[str, Any] | None = None
        if event["type"] == "interruption":
            over = round(event["heard_ms"] / 1000, 1)
        elif event["type"] == "dtmf.received" and not event["sensitive"]:
            step = {"press": event["digits"]}
        elif event["type"] == "agent.resumed":
            over = None
        elif event["type"] == "user.transcript" and event["final"]:
            text = str(event["text"]).strip()
            if text and not text.startswith(_KEYPAD):
                step = {"say": text[:500]}
        if step:
            yield step if over is None else {**step, "interrupt_after_s": over}
            over = None


def _checks(record: Mapping[str, Any], events: Events) -> dict[str, Any]:
    agents = [event["to_agent"] for event in events if event["type"] == "agent.changed"]
    return {
        "tools": [
            {
                "name": call["tool"],
                "arguments": {k: _value(v) for k, v in call["arguments"].items()},
                "agent": call["agent"],
                "is_error": bool(call["is_error"]),
            }
            for call in record["tool_calls"]
            if not _TALK.fullmatch(call["tool"])
        ],
        "data": {name: _value(value) for name, value in record["data"].items()},
        "agents": agents,
        "ended_by": record["reason"] if record["ended_at"] and agents else "nobody",
    }


def _value(value: Any) -> Any:
    """A value as a check: dates come again another year, numbers are given anew each time."""
    if isinstance(value, str) and (date := _DATE.fullmatch(value)):
        return {"matches": f"{date[1]}$"}
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return {"matches": rf"^\d{{{len(value)}}}$"}
    return {"any": True} if isinstance(value, dict) else value
