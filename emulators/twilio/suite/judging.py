"""Judges a call by its scenario's checks."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulators.twilio.suite.evidence import Evidence
from emulators.twilio.suite.expectations import Anything, Matches, ToolCalls, Value
from emulators.twilio.suite.listening import Overheard

LEAST_WORDS_HEARD_S, MOST_WORDS_HEARD_S = 0.12, 1.2
"""Seconds of sound for a word of a transcript; a hasty voice needs 0.2, one that spells 0.6."""

NOBODY = ("busy", "no_answer", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check, and how it went.

    Attributes:
        check: In words.
        passed: Whether it held.
        found: What there was instead, or beside.
    """

    check: str
    passed: bool
    found: str = ""


def judge(evidence: Evidence, overheard: Mapping[str, Overheard]) -> list[Verdict]:
    """All checks of a call, and that nothing went wrong beside them.

    Args:
        evidence: The call.
        overheard: What an ear made of each sentence that has to have been heard.
    """
    checks = evidence.scenario.checks
    known = _remembered(evidence)
    verdicts = [Verdict("the call went through", False, each) for each in evidence.failures]
    verdicts += _line(evidence)
    verdicts += [_tool(wanted, evidence, known) for wanted in checks.tools]
    for what, wanted in (("data", checks.data), ("record", checks.record)):
        found = evidence.record.get("data") or {} if what == "data" else evidence.record
        verdicts += [
            Verdict(
                f"{what}: {name} is {_told(value)}",
                fits(value, found.get(name), known),
                repr(found.get(name)),
            )
            for name, value in wanted.items()
        ]
    if checks.agents is not None:
        had = tuple(e["to_agent"] for e in evidence.events if e["type"] == "agent.changed")
        verdicts.append(
            Verdict(f"agents: {' > '.join(checks.agents)}", had == checks.agents, " > ".join(had))
        )
    for wanted_event in checks.events:
        count = sum(
            event["type"] == wanted_event.type
            and all(fits(v, event.get(k), known) for k, v in wanted_event.fields.items())
            for event in evidence.events
        )
        fields = ", ".join(f"{k} {_told(v)}" for k, v in wanted_event.fields.items())
        verdicts.append(
            Verdict(
                f"event {wanted_event.type} {fields}{_times(wanted_event.count)}".strip(),
                count == wanted_event.count if wanted_event.count is not None else count > 0,
                f"{count} times",
            )
        )
    verdicts += _words(evidence, known)
    verdicts += [_overheard(sentence, overheard.get(sentence)) for sentence in checks.heard]
    if checks.ended_by is not None:
        by = ended_by(evidence)
        verdicts.append(Verdict(f"ended by: {checks.ended_by}", by == checks.ended_by, by))
    return verdicts


def fits(wanted: Value, found: object, known: Mapping[str, str]) -> bool:
    """Whether a value is what was wanted; ``known`` fills ``{name}`` in."""
    if isinstance(wanted, Anything):
        return found is not None
    if isinstance(wanted, Matches):
        pattern = _filled(wanted.matches, known)
        return found is not None and bool(re.search(pattern, str(found), re.IGNORECASE))
    if isinstance(wanted, str):
        return isinstance(found, str) and found.casefold() == _filled(wanted, known).casefold()
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    return wanted == found


def ended_by(evidence: Evidence) -> str:
    """Who ended the call, as the service saw it."""
    reasons = [event["reason"] for event in evidence.events if event["type"] == "call.ended"]
    if not reasons:
        return "nobody" if evidence.record.get("status") in NOBODY else "unknown"
    return str(reasons[-1])


def _line(evidence: Evidence) -> Iterator[Verdict]:
    if evidence.gave_up:
        longest = evidence.scenario.longest_s
        yield Verdict(f"the call is over within {longest:g} s", False, "it was not")
    if evidence.scenario.outbound and evidence.scenario.outbound.answered_by != "person":
        return
    words = sum(len(str(line["text"]).split()) for line in evidence.agent_lines)
    if words:
        seconds = sum(span.end - span.start for span in evidence.spans) / 8000
        fits_text = LEAST_WORDS_HEARD_S <= seconds / words <= MOST_WORDS_HEARD_S
        yield Verdict(
            "the agent's words were heard as sound",
            fits_text,
            f"{seconds:.1f} s of sound for {words} words",
        )


def _tool(wanted: ToolCalls, evidence: Evidence, known: Mapping[str, str]) -> Verdict:
    calls = [call for call in evidence.record.get("tool_calls", ()) if call["tool"] == wanted.name]
    matching = [call for call in calls if _is_wanted(wanted, call, known)]
    arguments = ", ".join(f"{k} {_told(v)}" for k, v in wanted.arguments.items())
    by = f" by {wanted.agent}" if wanted.agent else ""
    how = {None: "", True: " and failed", False: " and worked"}[wanted.is_error]
    found = "; ".join(
        f"{call['agent']}: {call['arguments']}{' (failed)' if call['is_error'] else ''}"
        for call in calls
    )
    return Verdict(
        f"tool {wanted.name}({arguments}){by}{how}{_times(wanted.count)}",
        len(matching) == wanted.count if wanted.count is not None else bool(matching),
        found or "never called",
    )


def _is_wanted(wanted: ToolCalls, call: Mapping[str, Any], known: Mapping[str, str]) -> bool:
    return (
        all(fits(v, call["arguments"].get(k), known) for k, v in wanted.arguments.items())
        and wanted.agent in (None, call["agent"])
        and (wanted.is_error is None or wanted.is_error is bool(call["is_error"]))
    )


def _words(evidence: Evidence, known: Mapping[str, str]) -> Iterator[Verdict]:
    checks = evidence.scenario.checks
    text = " ".join(str(line["text"]) for line in evidence.agent_lines)

    def search(pattern: str) -> re.Match[str] | None:
        return re.search(_filled(pattern, known), text, re.IGNORECASE)

    for pattern in checks.said:
        yield Verdict(f"said: {pattern}", bool(search(pattern)), text)
    for pattern in checks.never:
        found = search(pattern)
        yield Verdict(f"never said: {pattern}", found is None, found[0] if found else "")


def _overheard(sentence: str, overheard: Overheard | None) -> Verdict:
    if overheard is None or not overheard.was_said:
        return Verdict(f"heard: {sentence}", False, "no agent said it")
    return Verdict(
        f"heard: {sentence}", overheard.was_heard, f"the ear made of it: {overheard.text}"
    )


def _remembered(evidence: Evidence) -> dict[str, str]:
    """What was remembered; digits that were said one by one are a number."""
    return {
        name: re.sub(r"[\s,.]", "", value) if re.fullmatch(r"[\d\s,.]+", value) else value
        for name, value in evidence.memory.items()
    }


def _filled(text: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _told(value: Value) -> str:
    if isinstance(value, Matches):
        return f"like {value.matches}"
    return "anything" if isinstance(value, Anything) else repr(value)


def _times(count: int | None) -> str:
    return "" if count is None else f", {count} time{'' if count == 1 else 's'}"
