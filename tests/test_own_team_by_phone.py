"""A new user follows "Build a team in ten minutes" of docs/teams.md: files, command, call."""

import re
from pathlib import Path

import httpx
import pytest

from agents import UnknownTeamError, load_team
from emulators.twilio.caller import Manners, Say, ScriptedCaller
from emulators.twilio.carrier import Carrier
from emulators.twilio.suite.loading import load
from tests.running import no_call_is_live, started

PAGE = (Path(__file__).parents[1] / "docs" / "teams.md").read_text("utf-8")
SECTION = PAGE.partition("## Build a team in ten minutes")[2].partition("\n## ")[0]


def written(folder: Path) -> Path:
    """The files of the page, where it says; the folder that PYTHONPATH names."""
    files = re.findall(r"`lines/([\w/]+\.py)`.*?```python\n(.*?)^```", SECTION, re.M | re.S)
    assert len(files) == 2
    for name, text in files:
        path = folder / "lines" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "lines"


@pytest.mark.call
@pytest.mark.timeout(240)
async def test_the_team_of_the_page_answers_a_call(tmp_path):
    [team] = re.findall(r"PYTHONPATH=lines TEAM=([\w.]+) python -m bot.run", SECTION)
    lines = re.findall(r'--say "([^"]+)"', SECTION)
    [answer] = re.findall(r'--expect "([^"]+)"', SECTION)
    settings = {"PYTHONPATH": str(written(tmp_path)), "TEAM": team}
    async with started(tmp_path, **settings) as (address, _process), Carrier() as carrier:
        caller = ScriptedCaller(map(Say, lines), manners=Manners(patience_s=40))
        live = await carrier.call(f"{address}/twilio/voice", caller)
        await no_call_is_live(address)
        async with httpx.AsyncClient(base_url=address) as http:
            offered = (await http.get("/api/teams")).json()
            [listed] = (await http.get("/api/calls")).json()["calls"]
            record = (await http.get(f"/api/calls/{listed['id']}")).json()

    assert live.ended_by == "application"
    assert offered[0]["name"] == listed["team"] == team
    said = [each["text"].lower() for each in record["transcript"] if each["speaker"] == "agent"]
    assert answer.lower() in said[1]


def test_the_scenario_of_the_page_can_be_played_with_its_team(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(written(tmp_path))
    [text] = re.findall(r"`lines/opening_hours.yaml`:\n\n```yaml\n(.*?)^```", SECTION, re.M | re.S)
    (tmp_path / "opening_hours.yaml").write_text(text)
    [team] = load([tmp_path / "opening_hours.yaml"])
    [scenario] = team.file.scenarios
    agent = load_team(team.file.team).entry
    for step in scenario.lines:
        phrases = (re.sub(r"\{\w+\}", r"\\w+", phrase) for phrase in agent.examples)
        assert any(re.fullmatch(phrase, step.say or "") for phrase in phrases), step


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        ("lines_without.team", None, "no module 'lines_without.team' can be imported"),
        ("lines_empty", "", "declares no TEAM"),
        ("lines_other", "from agents import load_team\nTEAM = load_team('travel')", "has to be"),
    ],
)
def test_a_module_that_is_no_team_is_refused(tmp_path, monkeypatch, name, source, problem):
    monkeypatch.syspath_prepend(tmp_path)
    if source is not None:
        (tmp_path / name).mkdir()
        (tmp_path / name / "desk.py").write_text(source)
        name = f"{name}.desk"
    with pytest.raises(UnknownTeamError, match=problem):
        load_team(name)


def test_a_module_that_fails_for_a_reason_of_its_own_says_so(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lines_failing").mkdir()
    (tmp_path / "lines_failing" / "desk.py").write_text("import no_such_library_at_all")
    with pytest.raises(ModuleNotFoundError, match="no_such_library_at_all"):
        load_team("lines_failing.desk")
