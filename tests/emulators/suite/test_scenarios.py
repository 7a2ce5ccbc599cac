"""Scenarios in YAML: what is read, and how a fault is told."""

from pathlib import Path
from textwrap import dedent

import pytest

from emulators.twilio.suite.loading import ScenarioError, load

FILE = """
team: travel
persona: {voice: klatt5, noise_dbfs: -55}
scenarios:
  - name: asks for a hotel
    goal: A hotel in Paris for two nights.
    persona: {pace: 1.2}
    lines: [I need a hotel, {press: "1#"}, {wait_s: 3}, {hang_up: true, interrupt_after_s: 1}]
    rules:
      - {when: which city, say: in Paris}
    checks:
      tools: [{name: search-hotel, arguments: {city: Paris, check_in: {matches: "-06-03$"}}}]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "travel.yaml"
    path.write_text(dedent(text))
    return path


def fault_of(folder: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as error:
        load([written(folder, text)])
    return str(error.value).replace(f"{folder}/", "")


def test_a_caller_has_the_files_persona_but_for_what_is_said_of_him(tmp_path):
    [team] = load([written(tmp_path, FILE)])
    [scenario] = team.file.scenarios
    persona = scenario.persona
    assert (persona.voice, persona.noise_dbfs, persona.pace) == ("klatt5", -55, 1.2)
    assert [str(step) for step in scenario.lines] == [
        "I need a hotel",
        "(presses 1#)",
        "(says nothing for 3 s)",
        "(hangs up)",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("voice: klatt5", "voice: bob"), "travel.yaml: persona.voice: "),
        (
            ("pace: 1.2", "pace: 9"),
            "travel.yaml: scenario 'asks for a hotel': persona.pace: "
            "Input should be less than or equal to 1.5",
        ),
        (
            ('press: "1#"', 'press: "1x"'),
            "travel.yaml: scenario 'asks for a hotel': lines.1.press: "
            "Value error, no key 'x' on a telephone: 0-9, *, # and A-D",
        ),
        (
            ("wait_s: 3", "wait_s: 3, say: hm"),
            "travel.yaml: scenario 'asks for a hotel': lines.2: Value error, a step is one of "
            "say, press, wait_s, hang_up, stay_silent; this one has say, wait_s",
        ),
        (("wait_s: 3}", "wait_s: 3}, no"), "lines.3: Value error, in YAML a plain yes or no is no"),
        (("when: which city", "when: (which city"), "rules.0.when: Value error, '(which city' is"),
        (("goal: A hotel", "gaol: A hotel"), "scenario 'asks for a hotel': gaol: Extra inputs"),
        (("tools: [{name", "tolls: [{name"), "scenario 'asks for a hotel': checks.tolls: Extra"),
        (("    goal", "    path: webrtc\n    goal"), "keys can be pressed on a phone, not over"),
        (("name: asks for a hotel", "name: X"), "scenario 'X': name: String should match"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_a_fault_is_told_with_its_file_scenario_and_field(tmp_path, change, told):
    assert change[0] in FILE
    assert told in fault_of(tmp_path, FILE.replace(*change))


def test_a_scenario_that_checks_nothing_is_refused(tmp_path):
    text = FILE[: FILE.index("      tools")].replace("checks:", "checks: {}")
    assert "a scenario that checks nothing can't fail" in fault_of(tmp_path, text)


def test_two_scenarios_of_one_name_are_refused(tmp_path):
    again = FILE + FILE[FILE.index("  - name") :]
    assert "two scenarios are called 'asks for a hotel'" in fault_of(tmp_path, again)


def test_the_faults_of_all_files_are_told_at_once(tmp_path):
    paths = [written(tmp_path, "team: travel\nscenarios: ["), tmp_path / "none.yaml"]
    with pytest.raises(ScenarioError) as error:
        load(paths)
    assert "travel.yaml: not YAML" in str(error.value)
    assert "none.yaml: " in str(error.value)
