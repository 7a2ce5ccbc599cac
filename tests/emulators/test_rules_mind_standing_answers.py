"""What the rules mind says to questions that its instructions have an answer to."""

import pytest

from agents.outreach import TEAM
from emulators.realtime.minds.understanding.standing import answer_to, read_standing_answers
from tests.emulators.phone_desk import END_CALL, PhoneDesk

INSTRUCTIONS = """
# What they ask
- "when are you open", "what are your hours":
  say "From nine to six."
- "you are fired": say "I see. Goodbye!" and
  end the call.
- Ask one question at a time, such as "What is your name?".
"""


def call(instructions: str = INSTRUCTIONS) -> PhoneDesk:
    return PhoneDesk(desk="line", desks={"line": [END_CALL]}, tools={}, instructions=instructions)


def test_only_lines_with_an_answer_are_answers():
    assert [each.words for each in read_standing_answers(INSTRUCTIONS)] == [
        "From nine to six.",
        "I see. Goodbye!",
    ]
    assert read_standing_answers("You answer the telephone.") == ()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("um when are you open please", "From nine to six."),
        ("so what are your hours on Monday", "From nine to six."),
        ("are you open", None),
    ],
)
def test_an_answer_fits_what_has_all_words_of_its_question(said, answer):
    found = answer_to(said, read_standing_answers(INSTRUCTIONS))
    assert (found.words if found else None) == answer


async def test_it_is_said_word_for_word_and_the_call_goes_on():
    on_the_line = call()
    assert await on_the_line.hears("when are you open") == (
        "From nine to six. Is there anything else I can do for you?"
    )
    assert not on_the_line.ended


async def test_one_that_ends_the_call_does():
    on_the_line = call()
    assert await on_the_line.hears("you are fired") == "I see. Goodbye!"
    assert on_the_line.ended


@pytest.mark.parametrize(
    ("said", "told", "ends"),
    [
        ("why did you call me", "nothing is lost", False),
        ("who called me", "appointments, surveys and news", False),
        ("please do not call me again", "no more calls", True),
        ("take me off your list please", "no more calls", True),
        ("I want to change my appointment", "The office will see", False),
    ],
)
async def test_people_who_call_back_are_told(said, told, ends):
    on_the_line = call(TEAM.entry.instructions)
    assert told in await on_the_line.hears(said)
    assert on_the_line.ended is ends
