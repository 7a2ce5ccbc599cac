"""The travel team fits the servers that it uses and the ear that hears its callers."""

import re
from pathlib import Path

import pocketsphinx
import pytest

from agents import load_team
from emulators.hearing.slots import built_in
from mcp_servers import booking, post_booking
from mcp_servers.travel.catalogue import AIRLINES, CAR_CLASSES, HOTEL_NAMES
from mcp_servers.travel.places import find_city

TEAM = load_team("travel")
SPECIALISTS = ["hotel_booking", "flight_booking", "car_rental_booking", "post_booking"]


def slots(phrase):
    return re.findall(r"\{(\w+)\}", phrase)


def test_the_front_desk_answers_and_everybody_has_a_voice():
    assert TEAM.entry.name == "front_desk"
    assert TEAM.entry.greeting
    assert {agent.name: agent.voice for agent in TEAM.agents} == {
        "front_desk": "marin",
        **dict.fromkeys(SPECIALISTS, "cedar"),
    }


def test_the_front_desk_reaches_and_consults_all_and_all_hand_back():
    assert list(TEAM.entry.handoffs) == SPECIALISTS
    assert list(TEAM.entry.consults) == SPECIALISTS
    for name in SPECIALISTS:
        assert TEAM.agent(name).handoffs == ("front_desk",)


async def test_every_tool_that_an_agent_names_is_served(tmp_path):
    database = f"sqlite:///{tmp_path / 'unused.db'}"
    served = {
        "booking": {tool.name for tool in await booking.build(database).list_tools()},
        "post_booking": {tool.name for tool in await post_booking.build(database).list_tools()},
    }
    assert {server.name: server.module for server in TEAM.tool_servers} == {
        "booking": "mcp_servers.booking",
        "post_booking": "mcp_servers.post_booking",
    }
    used = set()
    for agent in TEAM.agents:
        offered = set().union(*(served[server] for server in agent.tool_servers))
        used |= set(agent.tools if agent.tools is not None else offered)
        assert set(agent.tools or ()) <= offered, agent.name
    assert used == served["booking"] | served["post_booking"], "no tool is out of reach"


@pytest.mark.parametrize("agent", TEAM.agents, ids=lambda agent: agent.name)
def test_examples_use_slots_that_can_be_heard(agent):
    assert 15 <= len(agent.examples) <= 40
    assert len(set(agent.examples)) == len(agent.examples)
    for phrase in agent.examples:
        unknown = {slot for slot in slots(phrase) if slot not in TEAM.vocabulary}
        assert all(map(built_in, unknown)), phrase


def test_no_word_of_the_vocabulary_is_unused():
    used = {slot for agent in TEAM.agents for phrase in agent.examples for slot in slots(phrase)}
    assert set(TEAM.vocabulary) <= used


def test_the_ear_knows_every_word_of_the_phrases():
    model = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    known = {line.split("(")[0].split()[0] for line in model.read_text().splitlines() if line}
    phrases = [
        *(re.sub(r"\{\w+\}", " ", phrase) for agent in TEAM.agents for phrase in agent.examples),
        *(value for values in TEAM.vocabulary.values() for value in values),
    ]
    words = {word for phrase in phrases for word in phrase.lower().split()}
    assert words - known == set()


def test_the_vocabulary_is_what_the_servers_sell():
    for city in TEAM.vocabulary["city"]:
        assert find_city(city).name == city
    assert set(TEAM.vocabulary["airline"]) == set(AIRLINES)
    assert set(TEAM.vocabulary["car_class"]) == set(CAR_CLASSES)
    assert set(TEAM.vocabulary["hotel_name"]) == set(HOTEL_NAMES)


@pytest.mark.parametrize("agent", TEAM.agents, ids=lambda agent: agent.name)
def test_instructions_are_for_the_ear_and_name_no_machinery(agent):
    text = agent.instructions
    assert "one question at a time" in text.lower()
    assert "digit" in text
    assert "never" in text.lower()
    assert len(text) < 5000, "instructions are paid for in every session"
    for machinery in ("transfer_to_", "search-", "book-", "JSON", "MCP"):
        assert machinery not in text
