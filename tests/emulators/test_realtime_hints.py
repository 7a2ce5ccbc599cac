"""What the ear is told to expect follows from the team, the tools and the user's file."""

import pytest

from agents import Agent, Team
from emulators.hearing import Hints
from emulators.hearing.grammar import Grammar
from emulators.realtime import HintSource
from emulators.realtime.hints import HintsFileError, load_hints

TEAM = Team(
    name="shop",
    title="Shop",
    agents=(
        Agent(
            name="desk",
            description="Greets.",
            instructions="You greet.",
            handoffs=("orders", "returns"),
            examples=("hello",),
        ),
        Agent(
            name="orders",
            description="Orders.",
            instructions="You order.",
            examples=("i want {product}",),
        ),
        Agent(
            name="returns",
            description="Returns.",
            instructions="You take back.",
            examples=("take it back",),
        ),
    ),
    vocabulary={"product": ("a lamp",)},
)


def transfer(agent):
    return {"type": "function", "name": f"transfer_to_{agent}"}


def test_the_agent_that_has_the_session_and_its_handoffs_are_heard():
    source = HintSource([TEAM])
    hints = source.for_session("Be polite.\n\nYou greet.\n", [transfer("orders")])
    assert hints.phrases == ("hello", "i want {product}")
    assert hints.vocabulary == {"product": ("a lamp",)}
    assert source.for_session("You order.", []).phrases == ("i want {product}",)


def test_consulted_experts_are_heard_too():
    expert = {"type": "function", "name": "returns_expert"}
    assert HintSource([TEAM]).for_session("You greet.", [expert]).phrases == (
        "hello",
        "take it back",
    )


def test_what_callers_say_for_a_tool_by_its_description_is_heard():
    described = 'Call a person "at once". Callers say for example: "a person, please"; "help me".'
    tool = {"type": "function", "name": "transfer_to_human", "description": described}
    assert HintSource([TEAM]).for_session("You order.", [tool]).phrases == (
        "i want {product}",
        "a person, please",
        "help me",
    )


def test_the_whole_team_is_heard_when_nobody_fits():
    hints = HintSource([TEAM]).for_session("Something else.", [])
    assert hints.phrases == ("hello", "i want {product}", "take it back")


def test_a_session_is_heard_as_its_own_teams_and_a_strange_one_as_the_firsts():
    bar = Team(
        name="bar",
        title="Bar",
        agents=(
            Agent(name="bar", description="", instructions="You pour.", examples=("one {drink}",)),
        ),
        vocabulary={"drink": ("beer",)},
    )
    source = HintSource([TEAM, bar])
    assert source.for_session("You pour.", []) == Hints(("one {drink}",), {"drink": ("beer",)})
    assert source.for_session("You fly.", []).vocabulary == {"product": ("a lamp",)}


def test_tools_name_words_by_enumeration_and_examples():
    tool = {
        "type": "function",
        "name": "paint",
        "parameters": {
            "type": "object",
            "properties": {
                "colour": {"enum": ["red", "blue", None]},
                "product": {"examples": ["a chair"]},
                "coats": {"type": "integer", "enum": [1, 2]},
            },
        },
    }
    hints = HintSource([TEAM]).for_session("You order.", [tool, {"type": "mcp"}])
    assert hints.vocabulary == {"colour": ("red", "blue"), "product": ("a lamp", "a chair")}


def test_examples_of_a_parameter_do_not_take_the_place_of_what_any_date_is_made_of():
    properties = {"day": {"type": "string", "format": "date", "examples": ["2027-06-03"]}}
    tool = {"type": "function", "name": "fly", "parameters": {"properties": properties}}
    hints = HintSource([TEAM]).for_session("You order.", [tool])
    assert {"first", "june", "fifth"} <= Grammar(Hints(("on {date}",), hints.vocabulary)).words


def test_a_file_adds_to_everything(tmp_path):
    path = tmp_path / "hints.yaml"
    path.write_text("phrases: [what time is it]\nvocabulary: {product: [a table], size: [5]}\n")
    loaded = load_hints(path)
    assert loaded == Hints(("what time is it",), {"product": ("a table",), "size": ("5",)})
    hints = HintSource([TEAM], loaded).for_session("You order.", [])
    assert hints.phrases == ("i want {product}", "what time is it")
    assert hints.vocabulary["product"] == ("a lamp", "a table")


@pytest.mark.parametrize("text", ["words: []", "phrases: hello", "[a]", "vocabulary: []"])
def test_a_file_of_another_form_is_refused(tmp_path, text):
    path = tmp_path / "hints.yaml"
    path.write_text(text)
    with pytest.raises(HintsFileError):
        load_hints(path)


def test_answers_to_a_tools_questions_are_heard_as_they_are():
    properties = {
        "rating": {"type": "integer", "minimum": 1, "maximum": 5, "description": "How was it?"},
        "room": {"type": "string", "enum": ["double", "the_suite"], "description": "Which room?"},
        "again": {"type": "boolean", "description": "Would you come again?"},
        "guests": {"type": "integer", "minimum": 1, "maximum": 8, "description": "Of the room"},
    }
    tool = {"name": "take_down", "parameters": {"type": "object", "properties": properties}}
    grammar = Grammar(HintSource().for_session("", [tool]))
    heard = {" ".join(words) for words in grammar.sentences(4000)}
    assert {"four", "four out of five", "a double", "the suite", "yes I would".lower()} <= heard
    assert "six" not in heard
    assert "six out of five" not in heard
