"""Whoever is on a line has tools that are served, phrases that are heard, and words for the ear."""

import re
from importlib import import_module
from pathlib import Path

import pocketsphinx
import pytest

from agents import Agent, Team, load_team, team_names
from emulators.hearing.slots import built_in

TEAMS = [load_team(name) for name in team_names()]
AGENTS = [
    pytest.param(team, agent, id=f"{team.name}-{agent.name}")
    for team in TEAMS
    for agent in team.agents
]


def slots(phrase: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", phrase)


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: team.name)
async def test_every_tool_that_an_agent_names_is_served(team: Team, tmp_path):
    served = {}
    for server in team.tool_servers:
        built = import_module(str(server.module)).build(f"sqlite:///{tmp_path / 'unused.db'}")
        served[server.name] = {tool.name for tool in await built.list_tools()}
    for agent in team.agents:
        offered = set().union(*(served[server] for server in agent.tool_servers))
        for named in (agent.tools or (), agent.caller_approves, agent.operator_approves):
            assert set(named) <= offered, agent.name


@pytest.mark.parametrize(("team", "agent"), AGENTS)
def test_its_phrases_can_be_heard(team: Team, agent: Agent):
    assert 15 <= len(agent.examples) <= 45
    assert len(set(agent.examples)) == len(agent.examples)
    for phrase in agent.examples:
        unknown = {slot for slot in slots(phrase) if slot not in team.vocabulary}
        assert all(map(built_in, unknown)), phrase


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: team.name)
def test_the_ear_knows_every_word_of_the_phrases(team: Team):
    used = {slot for agent in team.agents for phrase in agent.examples for slot in slots(phrase)}
    assert set(team.vocabulary) <= used, "no word of the vocabulary is unused"
    model = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    known = {line.split("(")[0].split()[0] for line in model.read_text().splitlines() if line}
    phrases = [
        *(re.sub(r"\{\w+\}", " ", phrase) for agent in team.agents for phrase in agent.examples),
        *(value for values in team.vocabulary.values() for value in values),
    ]
    words = {word for phrase in phrases for word in phrase.lower().replace(".", "").split()}
    assert words - known == set()


@pytest.mark.parametrize(("team", "agent"), AGENTS)
def test_its_instructions_are_for_the_ear_and_name_no_machinery(team: Team, agent: Agent):
    text = agent.instructions
    assert "one question at a time" in text.lower()
    assert "never" in text.lower()
    assert agent.handoffs or "end the call" in text, "or it hands the caller back"
    assert len(text) < 5000, "instructions are paid for in every session"
    for machinery in ("transfer_to_", "_expert", "JSON", "MCP", *(agent.tools or ())):
        assert machinery not in text


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: team.name)
def test_what_it_finds_out_is_described(team: Team):
    schema = team.data_schema or team.answers
    for name, each in (schema or {}).get("properties", {}).items():
        assert each.get("description"), f"{team.name}: {name}"
