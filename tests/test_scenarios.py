"""Every scenario of every team, once, by voice: the simulated callers' suite as a test."""

from pathlib import Path

import pytest

from emulators.twilio.suite.by_rules import RulesPlayer
from emulators.twilio.suite.loading import load
from emulators.twilio.suite.outcome import Played
from emulators.twilio.suite.runner import Options, run

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))
LEAST, LEAST_IN_BROWSERS = 8, 2

pytestmark = pytest.mark.call


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_team_has_enough_scenarios(file):
    [team] = load([file])
    assert file.stem == team.file.team
    assert len(team.file.scenarios) >= LEAST
    paths = [scenario.path for scenario in team.file.scenarios]
    assert paths.count("webrtc") >= LEAST_IN_BROWSERS


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_callers_get_what_they_call_for(file):
    teams = load([file])
    played: list[Played] = []
    await run(teams, Options(player=RulesPlayer, emulated=True), played.append)
    assert len(played) == len(teams[0].file.scenarios)
    assert not [told(each) for each in played if not each.passed]


def told(played: Played) -> str:
    """What failed, and the whole conversation."""
    checks = [f"{each.check}; found: {each.found}" for each in played.failed_checks]
    story = [
        f"{line.end / 8000:6.1f} {'caller' if line.by_caller else 'agent'}: {line.text}"
        for line in played.evidence.story
    ]
    return "\n".join((played.name, *checks, *story))
