"""The example team of docs/teams.md works as it is printed."""

import re
from pathlib import Path

from agents import Team

PAGE = Path(__file__).parent.parent.parent / "docs" / "teams.md"


def test_the_example_team_is_valid():
    [code] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    module: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), module)
    team = module["TEAM"]
    assert isinstance(team, Team)
    assert team.entry.name == "counter"
