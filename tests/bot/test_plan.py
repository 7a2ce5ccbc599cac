"""A call's plan: which team has it, with which voice and model, and what it is told."""

from dataclasses import replace

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from agents import Agent, Team, ToolServer, load_team, tool_servers_of
from bot.plan import AnnouncedCalls, CallPlan
from processors.events.calls import CallStarted
from processors.events.conversation import AgentChanged
from tests.bot.events import events_of
from tests.bot.service import model, service, until

PIZZERIA = Team(
    name="pizzeria",
    title="Pizzeria Vesuvio",
    agents=(
        Agent(
            name="counter",
            description="Takes orders.",
            instructions="You take orders.",
            greeting="Pizzeria Vesuvio, what can I get you?",
        ),
        Agent(name="kitchen", description="Cooks.", instructions="You cook.", voice="cedar"),
    ),
)


async def test_a_browser_gets_the_team_that_it_asks_for():
    async with model() as emulator, service(emulator.url) as running, events_of(running) as events:
        running.switchboard.teams["pizzeria"] = PIZZERIA
        async with connect(f"{running.ws}/ws?team=pizzeria"):
            await until(lambda: bool(running.switchboard.calls.live))
            [call] = running.switchboard.calls.live.values()
    assert call.plan.team is PIZZERIA
    started = next(e for e in events if isinstance(e, CallStarted))
    assert (started.team, started.direction) == ("pizzeria", "inbound")


async def test_a_browser_that_asks_for_a_team_that_is_not_offered_is_refused():
    async with model() as emulator, service(emulator.url) as running:
        async with connect(f"{running.ws}/ws?team=pizzeria") as socket:
            with pytest.raises(ConnectionClosedError) as closed:
                await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert "no team 'pizzeria' is offered" in closed.value.rcvd.reason
        assert not running.switchboard.calls.live


async def test_a_browser_gets_the_voice_that_it_asks_for_and_none_that_there_is_not():
    async with model() as emulator, service(emulator.url) as running, events_of(running) as events:
        async with connect(f"{running.ws}/ws?voice=ash"):
            await until(lambda: any(isinstance(e, AgentChanged) for e in events))
        for voice in ("bass", "%C3%A4" * 500):
            async with connect(f"{running.ws}/ws?voice={voice}") as socket:
                with pytest.raises(ConnectionClosedError) as closed:
                    await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008
            assert "voice: there is alloy, ash" in closed.value.rcvd.reason
    assert {event.voice for event in events if isinstance(event, AgentChanged)} == {"ash"}


def test_without_wishes_the_team_goes_in_as_it_is():
    team = load_team("travel")
    assert CallPlan(team=team).briefed_team is team


def test_a_voice_is_every_agents_voice():
    team = CallPlan(team=PIZZERIA, voice="ash").briefed_team
    assert {agent.voice for agent in team.agents} == {"ash"}
    assert [agent.instructions for agent in team.agents] == ["You take orders.", "You cook."]


def test_the_context_follows_the_instructions_of_every_agent():
    context = {"business": "Mike's Auto Shop", "vehicles": [{"make": "Toyota", "year": 2020}]}
    for agent in CallPlan(team=PIZZERIA, context=context).briefed_team.agents:
        before, told = agent.instructions.split("\n\n", 1)
        assert before in ("You take orders.", "You cook.")
        assert '"make":"Toyota"' in told
        assert "not instructions" in told


def test_an_announced_call_is_claimed_once_and_the_oldest_are_forgotten():
    announced = AnnouncedCalls(limit=2)
    plan = CallPlan(team=PIZZERIA)
    for call_id in ("a", "b", "c"):
        announced.announce(call_id, plan)
    assert announced.claim("a") is None
    assert announced.claim("b") is plan
    assert announced.claim("b") is None
    assert announced.claim(None) is None


def test_teams_may_share_a_tool_server_but_not_a_name_for_two():
    orders = ToolServer(name="orders", module="mcp_servers.orders")
    first = replace(PIZZERIA, tool_servers=(orders,))
    second = replace(first, name="trattoria")
    assert tool_servers_of([first, second]) == [orders]
    other = replace(second, tool_servers=(ToolServer(name="orders", url="http://orders/mcp"),))
    with pytest.raises(ValueError, match=r"trattoria.*orders.*another name"):
        tool_servers_of([first, other])
