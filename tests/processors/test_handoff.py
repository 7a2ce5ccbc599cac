from jsonschema import Draft202012Validator

from agents.team import Agent, Team
from processors.call_control import end_call_tool
from processors.handoff import briefing, expert_tools, transfer_target, transfer_tools
from processors.tools import EndCall, Handoff, ToolCall, ToolResult

TEAM = Team(
    name="t",
    title="T",
    agents=(
        Agent(
            name="front",
            description="Answers.",
            instructions="…",
            handoffs=("hotels",),
            consults=("hotels",),
        ),
        Agent(
            name="hotels",
            description="Finds and books hotels.",
            instructions="…",
            examples=("I need a hotel in {city}",),
        ),
    ),
)
FRONT, HOTELS = TEAM.agents


def call(tool, **arguments):
    return ToolCall("c", "call_1", tool.name, arguments, "front")


async def test_a_transfer_says_to_whom_why_and_with_what():
    (tool,) = transfer_tools(TEAM, FRONT)
    result = await tool.run(call(tool, reason="wants a hotel", context="Paris"))

    assert tool.name == "transfer_to_hotels"
    assert isinstance(result, Handoff)
    assert (result.to_agent, result.reason, result.context) == ("hotels", "wants a hotel", "Paris")


def test_a_transfers_description_helps_to_choose():
    (tool,) = transfer_tools(TEAM, FRONT)
    assert "Finds and books hotels." in tool.description
    assert "I need a hotel in {city}" in tool.description
    Draft202012Validator.check_schema(tool.parameters)


def test_agents_without_colleagues_have_no_transfers():
    assert transfer_tools(TEAM, HOTELS) == []


async def test_an_expert_is_asked_the_question():
    asked = []

    async def consult(agent, question):
        asked.append((agent.name, question))
        return ToolResult("ninety")

    (tool,) = expert_tools(TEAM, FRONT, consult)
    result = await tool.run(call(tool, question="How much?"))

    assert tool.name == "hotels_expert"
    assert tool.read_only
    assert asked == [("hotels", "How much?")]
    assert result.output == "ninety"


def test_transfers_are_told_by_their_names():
    assert transfer_target("transfer_to_hotels") == "hotels"
    assert transfer_target("search-hotel") is None


def test_a_briefing_leaves_out_what_is_not_known():
    text = briefing(FRONT, HOTELS, Handoff("", to_agent="hotels", reason="wants a hotel"))
    assert "Reason: wants a hotel" in text
    assert "What is known" not in text


async def test_end_call_ends_the_call():
    tool = end_call_tool()
    result = await tool.run(call(tool, reason="done"))
    assert isinstance(result, EndCall)
    assert result.reason == "done"
    Draft202012Validator.check_schema(tool.parameters)
