"""A run as a JUnit XML file, which CI services read.

The format has no standard; this keeps to what Jenkins and GitLab read
(https://github.com/testmoapp/junitxml).
"""

import re
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from emulators.twilio.suite.outcome import Played, Run

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not be in a document (https://www.w3.org/TR/xml/#charsets)."""


def write_junit(path: Path, run: Run) -> None:
    """Writes a suite for each team and a case for each call."""
    root = Element("testsuites", _counts(list(run.played)), name="scenarios")
    root.set("time", f"{run.seconds:.3f}")
    ordered = sorted(run.played, key=lambda each: each.team)
    for team, each in groupby(ordered, key=lambda played: played.team):
        calls = list(each)
        suite = SubElement(root, "testsuite", _counts(calls), name=team)
        suite.set("time", f"{sum(call.figures.duration for call in calls):.3f}")
        for call in calls:
            _add_case(suite, call)
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _counts(calls: list[Played]) -> dict[str, str]:
    failures = sum(not call.passed for call in calls)
    return {"tests": str(len(calls)), "failures": str(failures), "errors": "0"}


def _add_case(suite: Element, call: Played) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=f"scenarios.{call.team}",
        name=f"{call.name} #{call.round}",
        time=f"{call.figures.duration:.3f}",
    )
    failed = call.failed_checks
    if failed:
        text = "\n".join(f"{each.check}\n  found: {each.found}" for each in failed)
        failure = SubElement(case, "failure", message=_clean(failed[0].check), type="check")
        failure.text = _clean(text)
    story = "\n".join(
        f"{'caller' if line.by_caller else 'agent'}: {line.text}" for line in call.evidence.story
    )
    SubElement(case, "system-out").text = _clean(story)


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)
