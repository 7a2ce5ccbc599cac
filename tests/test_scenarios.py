"""Every scenario of every team, once, by voice: the simulated callers' suite as a test."""

from dataclasses import replace
from pathlib import Path

import pytest

from emulators.twilio.suite.by_rules import RulesPlayer
from emulators.twilio.suite.loading import Team, load
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


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_callers_get_what_they_call_for(file):
    [team] = load([file])
    failed = await failures(team)
    if failed:
        # A machine that was too busy for a call in real time gets a second try; `make scenarios`
        # gives none and tells how often each scenario passes.
        again = [each for each in team.file.scenarios if each.name in failed]
        failed = await failures(
            replace(team, file=team.file.model_copy(update={"scenarios": again}))
        )
    assert not list(failed.values())


async def failures(team: Team) -> dict[str, str]:
    """Plays a team's scenarios once; what went wrong, by the scenario's name."""
    played: list[Played] = []
    await run([team], Options(player=RulesPlayer, emulated=True), played.append)
    assert len(played) == len(team.file.scenarios)
    return {each.name: told(each) for each in played if not each.passed}


def told(played: Played) -> str:
    """What failed, and the whole conversation."""
    checks = [f"{each.check}; found: {each.found}" for each in played.failed_checks]
    story = [
        f"{line.end / 8000:6.1f} {'caller' if line.by_caller else 'agent'}: {line.text}"
        for line in played.evidence.story
    ]
    return "\n".join((played.name, *checks, *story))
