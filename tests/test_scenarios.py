"""Every scenario of every team, once, by voice: the simulated callers' suite as a test."""

from collections.abc import Container, Sequence
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
async def test_callers_get_what_they_call_for():
    """One test, so that one team after the other is called: two cores can't do all at once."""
    teams = load(FILES)
    failed = await failures(teams)
    if failed:
        # A machine that was too busy for a call in real time gets a second try; `make scenarios`
        # gives none and tells how often each scenario passes.
        failed = await failures([again for team in teams if (again := only(team, failed))])
    assert not list(failed.values())


def only(team: Team, names: Container[tuple[str, str]]) -> Team | None:
    """The team with those of its scenarios; ``None`` where it has none of them."""
    scenarios = [each for each in team.file.scenarios if (team.file.team, each.name) in names]
    if not scenarios:
        return None
    return replace(team, file=team.file.model_copy(update={"scenarios": scenarios}))


async def failures(teams: Sequence[Team]) -> dict[tuple[str, str], str]:
    """Plays the scenarios once; what went wrong, by the team's and the scenario's name."""
    played: list[Played] = []
    await run(teams, Options(player=RulesPlayer, emulated=True), played.append)
    assert len(played) == sum(len(team.file.scenarios) for team in teams)
    return {(each.team, each.name): told(each) for each in played if not each.passed}


def told(played: Played) -> str:
    """What failed, and the whole conversation."""
    checks = [f"{each.check}; found: {each.found}" for each in played.failed_checks]
    story = [
        f"{line.end / 8000:6.1f} {'caller' if line.by_caller else 'agent'}: {line.text}"
        for line in played.evidence.story
    ]
    return "\n".join((played.name, *checks, *story))
