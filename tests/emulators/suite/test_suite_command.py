"""``python -m emulators.twilio suite`` against a service that runs, from the file to the report."""

import argparse
import asyncio
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest
import yaml

from emulators.realtime import RealtimeEmulator
from emulators.realtime.minds.script import script_from
from emulators.speech_espeak import EspeakSpeech
from emulators.twilio import command_suite
from emulators.twilio.__main__ import main
from tests.bot.service import service
from tests.emulators.standins import ScriptedHearing
from tests.emulators.suite.test_reports import a_run

SCRIPT = """
turns:
  - match: bye
    do:
      - say: Goodbye then
      - call: {name: end_call, arguments: {reason: nothing left to do}}
  - do: [{say: Very well then}]
loop: true
"""
FILE = """
team: travel
persona: {pace: 1.5}
scenarios:
  - name: says goodbye by phone
    goal: Say two things and let the agent end the call.
    lines: [hello, bye]
    checks: {said: [very well], ended_by: agent}
  - name: says goodbye in a browser
    path: webrtc
    goal: The same in a browser.
    lines: [hello, bye]
    checks: {said: [very well], ended_by: agent}
  - name: expects too much
    path: websocket
    goal: Something that the agent never does.
    lines: [bye]
    checks: {tools: [{name: book-hotel}], ended_by: agent}
"""


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command_suite.add_arguments(parser)
    return parser.parse_args(arguments)


@pytest.mark.call
@pytest.mark.timeout(300)
async def test_calls_over_all_paths_are_played_judged_and_reported(tmp_path: Path, capsys):
    file = tmp_path / "travel.yaml"
    file.write_text(FILE)
    report, junit = tmp_path / "report", tmp_path / "junit.xml"
    heard = ("hello", "bye", "hello", "bye", "bye")
    emulator = RealtimeEmulator(
        mind=script_from(yaml.safe_load(SCRIPT)),
        speech=EspeakSpeech(),
        hearing=ScriptedHearing(heard, check=False),
    )
    async with emulator, service(emulator.url) as running:
        chosen = options(
            *(str(file), "--url", running.http, "--caller", "rules", "--jobs", "1"),
            *("--report", str(report), "--junit", str(junit)),
        )
        assert await command_suite.run(chosen) == 1
    printed = capsys.readouterr().out
    assert "pass  travel: says goodbye by phone #1" in printed
    assert "pass  travel: says goodbye in a browser #1" in printed
    assert "FAIL  travel: expects too much #1" in printed
    assert "tool book-hotel()\n        found: never called" in printed
    assert "2 of 3 calls passed (67%); pass^1 67%" in printed
    assert parse(junit).getroot().get("failures") == "1"
    assert "never called" in (report / "index.html").read_text("utf-8")
    sounds = sorted(path.name for path in (report / "sound").iterdir())
    assert len(sounds) == 3
    assert all(path.stat().st_size > 1000 for path in (report / "sound").iterdir())


async def test_a_run_that_is_interrupted_reports_what_it_has_played(tmp_path, capsys, monkeypatch):
    async def interrupted(teams, options, on_played):
        on_played(a_run().played[0])
        raise asyncio.CancelledError

    monkeypatch.setattr(command_suite, "play", interrupted)
    file = tmp_path / "travel.yaml"
    file.write_text(FILE)
    chosen = options(str(file), "--repeat", "2", "--report", str(tmp_path))
    with pytest.raises(asyncio.CancelledError):
        await command_suite.run(chosen)
    assert "1 of 1 calls passed (100%); pass^2 0%" in capsys.readouterr().out
    assert "books a hotel" in (tmp_path / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("none.yaml",), "none.yaml: "),
        (("tests/scenarios/travel.yaml", "--jobs", "0"), "--jobs is at least 1, not 0"),
        (("tests/scenarios/travel.yaml", "--only", "no such"), "no scenario has 'no such' in its"),
        (("tests/scenarios/travel.yaml", "--url", "http://127.0.0.1:9"), "ConnectError"),
        (("tests/scenarios/travel.yaml", "--caller", "chat"), "--caller chat needs OPENAI_CHAT_U"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_not_be_run_is_told(arguments, complaint, capsys, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[3])
    for name in ("OPENAI_CHAT_URL", "OPENAI_CHAT_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as exit:
        main(["suite", *arguments])
    assert exit.value.code == 2
    assert complaint in capsys.readouterr().err
